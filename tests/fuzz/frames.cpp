// A stream of bytes is cut into the same frames, and ends in the same error,
// however it comes in; each frame is what was sent.

#include <algorithm>
#include <vector>

#include "runtime/protocol/frame.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

namespace {

struct outcome {
  std::vector<protocol::frame> frames;
  std::string error;
};

outcome read(std::string_view input, std::size_t piece) {
  outcome result;
  protocol::frame_reader reader;
  try {
    while (!input.empty()) {
      auto n = std::min(piece, input.size());
      reader.feed(input.substr(0, n));
      input.remove_prefix(n);
      while (auto frame = reader.next())
        result.frames.push_back(std::move(*frame));
    }
  } catch (const protocol::protocol_error& e) {
    result.error = e.what();
  }
  return result;
}

} // namespace

void one(std::string_view input) {
  auto whole = read(input, std::max<std::size_t>(input.size(), 1));
  std::string sent;
  for (const auto& x : whole.frames)
    encode(x, sent);
  require_equal(sent, input.substr(0, sent.size()), "a frame is what was sent");
  for (std::size_t piece : {1, 7, 64}) {
    auto cut = read(input, piece);
    require(cut.frames.size() == whole.frames.size(), "the same frames");
    require_equal(cut.error, whole.error, "the same error");
    std::string again;
    for (const auto& x : cut.frames)
      encode(x, again);
    require_equal(again, sent, "the same bytes");
  }
}

} // namespace hearth::fuzz
