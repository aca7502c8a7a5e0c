/// A job's result, as far as it is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace hearth::native {

/// Chunks that each fit a frame, so that nothing is copied between the job and
/// the socket. They are kept until the server has stored the job: after a lost
/// connection all of it is said again. Not thread-safe, but chunks that are
/// full do not change or move any more.
class result_chunks {
public:
  /// What one frame of a result carries at most, bytes.
  static constexpr std::size_t chunk_size = 256 * 1024;

  /// Least room that `reserve` has to give, bytes.
  static constexpr std::size_t max_least = 4096;

  /// Bytes that can be written; `room` says how many. Begins a new chunk if the
  /// last one has less room than `least`.
  char* reserve(std::size_t least, std::size_t& room);

  /// The first `size` of the bytes last reserved are written.
  void commit(std::size_t size) noexcept;

  /// How many chunks will not change any more: all but the last.
  std::size_t full() const noexcept {
    return chunks_.empty() ? 0 : chunks_.size() - 1;
  }

  std::string_view operator[](std::size_t index) const noexcept {
    return {chunks_[index].bytes.get(), chunks_[index].size};
  }

  /// What has to go with the job's end; "" if nothing was written.
  std::string_view last() const noexcept {
    return chunks_.empty() ? std::string_view{} : (*this)[full()];
  }

  std::uint64_t size() const noexcept {
    return total_;
  }

  void clear() noexcept {
    chunks_.clear();
  }

private:
  struct chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
    std::size_t capacity = 0;
  };

  std::vector<chunk> chunks_;
  std::uint64_t total_ = 0; ///< bytes, those that were cleared included
};

} // namespace hearth::native
