/// The exceptions of the job API, and the problems that validation can find.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hearth {

/// Ends a job that was killed. Every function that waits throws it.
class stopped : public std::exception {
public:
  const char* what() const noexcept override {
    return "the job was asked to stop";
  }
};

/// What is wrong with a job's configuration, as texts for its client.
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

  /// Returns all texts in one line.
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
