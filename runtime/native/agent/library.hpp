/// Loads job libraries, each version once and apart from all others.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/native/include/hearth/abi.h"
#include "runtime/protocol/messages.hpp"

namespace hearth::native {

/// A library cannot be loaded or is not a job library. The message says which
/// library, and why.
class load_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// A loaded library. It is never unloaded, because its objects and threads may
/// outlive any job.
class library {
public:
  /// @param folder where a private copy of the file may be written
  /// @throws load_error
  library(const std::string& name, const std::string& path,
          const std::string& folder);

  /// Returns the job of that name, or null.
  const hearth_job* find(std::string_view job) const;

  /// Returns the names of its jobs, separated by commas.
  std::string jobs() const;

private:
  const hearth_library* table_ = nullptr;
};

/// The libraries that this process has loaded, by digest. Thread-safe.
class libraries {
public:
  explicit libraries(std::string folder) : folder_(std::move(folder)) {
    // nop
  }

  struct found {
    const hearth_job* job = nullptr; ///< null if no library has it
    std::string digest;              ///< of the library that has it
    std::string known;               ///< names of all jobs in the libraries
  };

  /// Looks for a job in each of the binaries, in their order.
  /// @throws load_error
  found find(const std::vector<protocol::binary_ref>& binaries,
             std::string_view job);

private:
  std::shared_ptr<const library> get(const protocol::binary_ref& x);

  std::string folder_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const library>> loaded_;
};

} // namespace hearth::native
