// What a job writes is JSON and reads as what was written, wherever the
// writer's buffers end. Each line of the input is a value of a nested array.

#include <charconv>
#include <hearth/json_writer.hpp>
#include <vector>

#include <rapidjson/document.h>

#include "runtime/native/agent/result.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

namespace {

/// Gives as little room as it may, so that every write meets an end.
class small_sink : public json_sink {
public:
  char* next(std::size_t used, std::size_t least, std::size_t& room) override {
    text.append(piece_.data(), used);
    piece_.assign(std::max<std::size_t>(least, 1), '\0');
    room = piece_.size();
    return piece_.data();
  }

  std::string text;

private:
  std::vector<char> piece_;
};

/// As the agent has it.
class chunk_sink : public json_sink {
public:
  char* next(std::size_t used, std::size_t least, std::size_t& room) override {
    if (used > 0)
      chunks_.commit(used);
    return chunks_.reserve(least, room);
  }

  std::string text() const {
    std::string result;
    for (std::size_t i = 0; i < chunks_.full(); ++i)
      result += chunks_[i];
    result += chunks_.last();
    require(result.size() == chunks_.size(), "all bytes are counted");
    return result;
  }

private:
  native::result_chunks chunks_;
};

void write_line(json_writer& out, std::string_view line) {
  double number = 0;
  auto* end = line.data() + line.size();
  auto parsed = std::from_chars(line.data(), end, number);
  if (parsed.ec == std::errc{} && parsed.ptr == end)
    out.write(std::pair{number, static_cast<float>(number)});
  else if (line == "null")
    out.null();
  else
    out.write(std::vector<std::string_view>{line, line.substr(1)});
}

void write(json_writer& out, std::string_view input) {
  out.begin_array();
  while (!input.empty()) {
    auto line = take(input);
    if (line.empty())
      out.write(std::tuple{true, std::int64_t{-1}, "x"});
    else if (line.front() == '=')
      out.begin_object().member(line, line).key("k").write(1).end_object();
    else
      write_line(out, line);
  }
  out.end_array();
  out.finish();
}

/// The texts that were written came through.
void check(const std::string& text, std::string_view input) {
  rapidjson::Document all;
  all.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  require(!all.HasParseError(), "a result is JSON");
  for (const auto& x : all.GetArray()) {
    auto line = take(input);
    if (x.IsObject()) {
      auto member = x.MemberBegin();
      require_equal({member->name.GetString(), member->name.GetStringLength()},
                    line, "a key is what was written");
      require_equal(
        {member->value.GetString(), member->value.GetStringLength()}, line,
        "a value is what was written");
    } else if (x.IsArray() && x[0].IsString()) {
      require_equal({x[0].GetString(), x[0].GetStringLength()}, line,
                    "a text is what was written");
    }
  }
}

} // namespace

void one(std::string_view input) {
  small_sink small;
  json_writer first{small};
  write(first, input);
  check(small.text, input);
  chunk_sink chunks;
  json_writer second{chunks};
  write(second, input);
  require_equal(chunks.text(), small.text, "buffers do not show");
}

} // namespace hearth::fuzz
