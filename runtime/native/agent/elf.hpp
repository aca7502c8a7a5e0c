/// Examines and changes the file of a shared library before it is loaded.
#pragma once

#include <string>
#include <string_view>

namespace hearth::native {

/// Returns why this machine cannot load the file, e.g. "built for AArch64, this
/// machine is x86-64"; "" if it probably can.
std::string why_not_loadable(std::string_view file);

/// Makes the library's unique symbols weak. Compilers mark inline variables,
/// and statics of inline functions, as unique, so that a process has only one
/// of each, even across libraries that are loaded apart from each other. Two
/// versions of a library would share such a variable, and one of them would
/// misread it.
/// @returns false if there were no unique symbols
bool make_unique_symbols_weak(std::string& file);

} // namespace hearth::native
