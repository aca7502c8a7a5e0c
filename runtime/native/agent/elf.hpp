/// What can be said of a shared library before it is loaded.
#pragma once

#include <string>
#include <string_view>

namespace hearth::native {

/// Why this machine cannot load it, e.g. "built for AArch64, this machine is
/// x86-64"; "" if nothing speaks against it.
std::string why_not_loadable(std::string_view file);

/// Makes the library's unique symbols weak. Compilers mark what a header
/// defines inline (variables, statics of inline functions) so that a process
/// has it once, even across libraries that are loaded apart from each other;
/// two versions of a library would then share it, and one of them misread it.
/// @returns false if there was none
bool make_unique_symbols_weak(std::string& file);

} // namespace hearth::native
