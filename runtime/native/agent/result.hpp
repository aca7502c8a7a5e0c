/// The bytes of a job's result that the job has written so far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace hearth::native {

/// Chunks that each fit into a frame, so that nothing is copied between the job
/// and the socket. They are kept until the server has stored the job, because
/// after a lost connection the whole result is sent again. Not thread-safe, but
/// chunks that are full do not change or move any more.
class result_chunks {
public:
  /// How many bytes of a result one frame has at most.
  static constexpr std::size_t chunk_size = 256 * 1024;

  /// The largest value of `least`, in bytes.
  static constexpr std::size_t max_least = 4096;

  /// Returns memory to write to. Begins a new chunk if the last one has less
  /// room than `least`.
  /// @param room receives how many bytes can be written
  char* reserve(std::size_t least, std::size_t& room);

  /// Notes that the first `size` bytes that were reserved last are written.
  void commit(std::size_t size) noexcept;

  /// Returns how many chunks will not change any more, which is all but the
  /// last.
  std::size_t full() const noexcept {
    return chunks_.empty() ? 0 : chunks_.size() - 1;
  }

  std::string_view operator[](std::size_t index) const noexcept {
    return {chunks_[index].bytes.get(), chunks_[index].size};
  }

  /// Returns the bytes that are sent with the job's end; "" if nothing was
  /// written.
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
  std::uint64_t total_ = 0; ///< all bytes ever written, also cleared ones
};

} // namespace hearth::native
