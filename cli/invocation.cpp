#include "cli/invocation.hpp"

#include <algorithm>
#include <charconv>

#include <boost/program_options.hpp>
#include <fmt/format.h>

namespace hearth::cli {

namespace {

namespace po = boost::program_options;

using words = std::vector<std::string>;

constexpr const char* parameter_key = "parameter";

void declare(po::options_description& to, const option& x) {
  auto name = std::string{x.name};
  if (x.letter != 0)
    name += std::string{","} + x.letter;
  if (x.value.empty())
    to.add_options()(name.c_str(), "");
  else if (x.repeated)
    to.add_options()(name.c_str(), po::value<words>()->composing());
  else
    to.add_options()(name.c_str(), po::value<std::string>());
}

void check(const option& x, const std::string& value) {
  if (x.what == kind::number) {
    std::int32_t number = 0;
    const auto* end = value.data() + value.size();
    auto parsed = std::from_chars(value.data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end || number < 0)
      throw usage_error{
        fmt::format("--{} takes a whole number that is not negative, not '{}'",
                    x.name, value)};
  }
  auto known = fmt::format(" {} ", x.words);
  if (x.what == kind::word
      && known.find(fmt::format(" {} ", value)) == std::string::npos)
    throw usage_error{fmt::format("--{} takes one of these, not '{}': {}",
                                  x.name, value, x.words)};
}

/// Whether the next word is this option's value.
bool takes_next(const std::string& word) {
  const auto& all = common_options();
  return std::any_of(all.begin(), all.end(), [&](const option& x) {
    return !x.value.empty()
           && (word == fmt::format("--{}", x.name)
               || (x.letter != 0 && word == fmt::format("-{}", x.letter)));
  });
}

bool is_noun(const std::string& word) {
  const auto& all = nouns();
  return std::any_of(all.begin(), all.end(),
                     [&](const noun& x) { return x.name == word; });
}

} // namespace

invocation::invocation(const verb& x, const std::vector<std::string>& line) {
  po::options_description known;
  for (const auto* list : {&common_options(), &x.options})
    for (const auto& o : *list)
      declare(known, o);
  known.add_options()(parameter_key, po::value<words>());
  po::positional_options_description places;
  places.add(parameter_key, -1);
  po::variables_map found;
  try {
    // Without guessing: a shortened option may mean another one tomorrow.
    auto style = po::command_line_style::default_style
                 & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(line)
                .options(known)
                .positional(places)
                .style(style)
                .run(),
              found);
  } catch (const po::error& e) {
    throw usage_error{e.what()};
  }
  for (const auto* list : {&common_options(), &x.options}) {
    for (const auto& o : *list) {
      auto name = std::string{o.name};
      if (!found.count(name))
        continue;
      auto& values = options_[name];
      if (o.repeated)
        values = found[name].as<words>();
      else if (!o.value.empty())
        values = {found[name].as<std::string>()};
      for (const auto& value : values)
        check(o, value);
    }
  }
  if (found.count(parameter_key))
    parameters_ = found[parameter_key].as<words>();
  if (has("help"))
    return;
  auto most = x.parameters.size();
  if (parameters_.size() > most)
    throw usage_error{
      fmt::format("'{}' is one word too many", parameters_[most])};
  for (auto i = parameters_.size(); i < most; ++i)
    if (!x.parameters[i].optional)
      throw usage_error{fmt::format("{} is missing", x.parameters[i].name)};
}

bool invocation::has(std::string_view option) const {
  return options_.contains(option);
}

std::string invocation::text(std::string_view option,
                             std::string_view otherwise) const {
  auto i = options_.find(option);
  return i == options_.end() ? std::string{otherwise} : i->second.front();
}

std::vector<std::string> invocation::texts(std::string_view option) const {
  auto i = options_.find(option);
  return i == options_.end() ? std::vector<std::string>{} : i->second;
}

std::int64_t invocation::number(std::string_view option,
                                std::int64_t otherwise) const {
  return has(option) ? std::stoll(text(option)) : otherwise;
}

std::string invocation::parameter(std::size_t place) const {
  return place < parameters_.size() ? parameters_[place] : std::string{};
}

command split_command(const std::vector<std::string>& line) {
  command result;
  auto complete = [&] {
    return !result.name.empty()
           || (!result.noun.empty() && !is_noun(result.noun));
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto& word = line[i];
    if (complete() || (word.starts_with('-') && word.size() > 1)) {
      result.rest.push_back(word);
      if (!complete() && takes_next(word) && i + 1 < line.size())
        result.rest.push_back(line[++i]);
    } else {
      (result.noun.empty() ? result.noun : result.name) = word;
    }
  }
  // A command of one word is a verb without a noun.
  if (result.name.empty() && !is_noun(result.noun))
    std::swap(result.noun, result.name);
  return result;
}

} // namespace hearth::cli
