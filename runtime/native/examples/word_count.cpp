// Counts the words of a file, or of a text in the configuration.
//
//   { file = "/data/book.txt", top = 10 }   or   { text = "a b a" }

#include <algorithm>
#include <fstream>
#include <hearth/job.hpp>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

using counts = std::unordered_map<std::string_view, std::size_t>;

bool is_space(char c) {
  return std::string_view{" \t\n\r\v\f"}.find(c) != std::string_view::npos;
}

/// Counts the words that begin in [begin, end).
counts count(std::string_view text, std::size_t begin, std::size_t end) {
  counts result;
  auto at = begin;
  // A word that began earlier belongs to the piece before.
  while (at > 0 && at < end && !is_space(text[at - 1]))
    ++at;
  while (at < end) {
    if (is_space(text[at])) {
      ++at;
      continue;
    }
    auto first = at;
    while (at < text.size() && !is_space(text[at]))
      ++at;
    ++result[text.substr(first, at - first)];
  }
  return result;
}

struct word_count {
  struct data {
    std::string text;
    std::size_t top;
  };

  hearth::validated<data> validate(hearth::context&,
                                   const hearth::config& config) {
    auto top = config.get_or<std::size_t>("top", 20);
    if (!config.has("file"))
      return data{config.get<std::string>("text"), top};
    auto file = config.get<std::string>("file");
    std::ifstream in{file, std::ios::binary};
    if (!in)
      return hearth::problems{"the file " + file + " cannot be read"};
    return data{{std::istreambuf_iterator<char>{in}, {}}, top};
  }

  std::vector<std::pair<std::string_view, std::size_t>>
  run(hearth::context& context, const data& x) {
    auto all = context.parallel_reduce(
      x.text.size(), counts{},
      [&](std::size_t begin, std::size_t end) {
        return count(x.text, begin, end);
      },
      [](counts a, counts b) {
        for (auto& [word, n] : b)
          a[word] += n;
        return a;
      });
    std::vector<std::pair<std::string_view, std::size_t>> result{all.begin(),
                                                                 all.end()};
    auto top = std::min(x.top, result.size());
    std::partial_sort(
      result.begin(), result.begin() + static_cast<long>(top), result.end(),
      [](auto& a, auto& b) {
        return std::pair{b.second, a.first} < std::pair{a.second, b.first};
      });
    result.resize(top);
    return result;
  }
};

} // namespace

HEARTH_JOB(word_count)
