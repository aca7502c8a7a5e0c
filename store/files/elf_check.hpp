/// Checks that an ELF file (a shared library) is whole.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hearth {

/// Returns what is wrong with an ELF file, and nothing if all that its headers
/// name lies within it. It may be for any machine, of 32 or 64 bits.
/// @param file begins with the four characters of ELF files
std::optional<std::string> elf_fault(std::string_view file);

} // namespace hearth
