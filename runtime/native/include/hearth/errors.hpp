/// Exceptions of the job API.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hearth {

/// Ends a job that was killed; thrown by whatever waits.
class stopped : public std::exception {
public:
  const char* what() const noexcept override {
    return "the job was asked to stop";
  }
};

/// What is wrong with a job's configuration, for its client to read.
class problems {
public:
  problems(std::string text) : texts_{std::move(text)} {
    // nop
  }

  problems(const char* text) : texts_{text} {
    // nop
  }

  problems(std::vector<std::string> texts) : texts_(std::move(texts)) {
    // nop
  }

  const std::vector<std::string>& texts() const noexcept {
    return texts_;
  }

  /// All of them in one line.
  std::string to_string() const {
    std::string result;
    for (auto& x : texts_)
      result += (result.empty() ? "" : "; ") + x;
    return result;
  }

private:
  std::vector<std::string> texts_;
};

} // namespace hearth
