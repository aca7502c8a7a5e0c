#include "runtime/link/output_queue.hpp"

#include <utility>

namespace hearth::link {

namespace {

/// A larger payload is not copied, bytes.
constexpr std::size_t small_payload = 16 * 1024;

/// An empty queue keeps at most this much memory, bytes.
constexpr std::size_t spare_capacity = 256 * 1024;

} // namespace

/// The memory that takes the next small frame.
std::string& output_queue::last_bytes() {
  if (pieces_.empty() || !pieces_.back().payload.empty())
    pieces_.emplace_back();
  return pieces_.back().bytes;
}

void output_queue::add(protocol::frame&& x, shared_text&& payload) {
  auto size = payload.empty() ? x.payload.size() : payload.size();
  auto& out = last_bytes();
  auto before = out.size();
  protocol::encode_head(x.kind, x.header, size, out);
  if (size <= small_payload)
    out.append(payload.empty() ? x.payload : payload.text());
  size_ += out.size() - before;
  if (size <= small_payload)
    return;
  if (payload.empty())
    payload = std::move(x.payload);
  pieces_.push_back({{}, std::move(payload)});
  size_ += size;
}

std::string_view output_queue::front() const noexcept {
  return pieces_.front().view().substr(begin_);
}

void output_queue::drop(std::size_t n) {
  size_ -= n;
  begin_ += n;
  if (begin_ == pieces_.front().view().size())
    return drop_first();
  // Moves no byte before as many were written: linear over the stream.
  auto& bytes = pieces_.front().bytes;
  if (begin_ > bytes.size() / 2 && pieces_.front().payload.empty()) {
    bytes.erase(0, begin_);
    begin_ = 0;
  }
}

void output_queue::drop_first() {
  begin_ = 0;
  auto& bytes = pieces_.front().bytes;
  // The memory of the last small frames is that of the next ones.
  if (pieces_.size() > 1 || bytes.capacity() > spare_capacity)
    pieces_.pop_front();
  else if (pieces_.front().payload.empty())
    bytes.clear();
  else
    pieces_.clear();
}

void output_queue::clear() {
  pieces_.clear();
  begin_ = size_ = 0;
}

} // namespace hearth::link
