/// Parses a command line by the table of verbs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/verb.hpp"

namespace hearth::cli {

/// The values of one verb's parameters and options.
class invocation {
public:
  /// @param words the command line without program, noun and verb
  /// @throws usage_error
  invocation(const verb& x, const std::vector<std::string>& words);

  bool has(std::string_view option) const;

  /// Returns the value of an option; `otherwise` if it was not given.
  std::string text(std::string_view option,
                   std::string_view otherwise = {}) const;
  std::vector<std::string> texts(std::string_view option) const;
  std::int64_t number(std::string_view option, std::int64_t otherwise) const;

  /// Returns the value of the parameter at that place, counted from 0; "" if it
  /// was left out.
  std::string parameter(std::size_t place) const;

private:
  std::vector<std::string> parameters_;
  std::map<std::string, std::vector<std::string>, std::less<>> options_;
};

/// The noun and verb in a command line, and the rest of it.
struct command {
  std::string noun; ///< "" if the line has none
  std::string name;
  std::vector<std::string> rest;
};

/// Splits a command line, in which options may stand anywhere.
command split_command(const std::vector<std::string>& words);

} // namespace hearth::cli
