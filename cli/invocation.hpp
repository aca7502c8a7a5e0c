/// A command line, understood.
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
  /// @param words all of the command line but the program, noun and verb
  /// @throws usage_error
  invocation(const verb& x, const std::vector<std::string>& words);

  bool has(std::string_view option) const;

  /// The value of an option, or `otherwise`.
  std::string text(std::string_view option,
                   std::string_view otherwise = {}) const;
  std::vector<std::string> texts(std::string_view option) const;
  std::int64_t number(std::string_view option, std::int64_t otherwise) const;

  /// The value of a parameter by its place; "" if it was left out.
  std::string parameter(std::size_t place) const;

private:
  std::vector<std::string> parameters_;
  std::map<std::string, std::vector<std::string>, std::less<>> options_;
};

/// The noun and verb in a command line, and the rest of it.
struct command {
  std::string noun; ///< "" where the line has none
  std::string name;
  std::vector<std::string> rest;
};

/// Splits a command line; options may stand anywhere in it.
command split_command(const std::vector<std::string>& words);

} // namespace hearth::cli
