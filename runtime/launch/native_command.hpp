/// How the process of a context of C++ jobs is started.
#pragma once

#include <string>
#include <string_view>

#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

/// The setting `context-factory` of such a context.
inline constexpr std::string_view native_factory = "hearth.native";

/// The command line of its agent.
/// @param agent path of the program; "": hearth-agent-native beside the file
///        of the calling process
/// @throws launch_error if there is no such program
process_spec native_command(const std::string& agent,
                            const std::string& start_file,
                            const std::string& context_dir);

} // namespace hearth::launch
