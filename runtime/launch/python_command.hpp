/// How the process of a context of Python jobs without Spark is started.
#pragma once

#include <string>
#include <string_view>

#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

/// The setting `context-factory` of such a context.
inline constexpr std::string_view python_factory = "hearth.python";

/// Whether jobs of a context with this setting `context-factory` are written in
/// Python, and use Spark.
bool is_pyspark_factory(std::string_view factory);

/// Returns the path of the agent's program.
/// @param agent_dir folder of the agent's packages; "": the one that lies
///        beside the file of the calling process or belongs to its
///        installation
/// @throws launch_error if it is not there
std::string python_agent(const std::string& agent_dir);

/// Returns the command line of the agent.
/// @param agent_dir as for `python_agent`
/// @param interpreter the setting `python.executable`, a path or a name in
///        PATH; "": python3
/// @throws launch_error if there is no such folder or interpreter
process_spec python_command(const std::string& agent_dir,
                            const std::string& interpreter,
                            const std::string& start_file,
                            const std::string& context_dir);

} // namespace hearth::launch
