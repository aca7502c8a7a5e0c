#include "cli/verbs.hpp"

#include <algorithm>

namespace hearth::cli {

const std::vector<verb>& verbs() {
  static const auto all = [] {
    std::vector<verb> result;
    for (auto* part : {context_verbs, binary_verbs, job_start_verbs, job_verbs,
                       data_verbs, server_verbs, shell_verbs})
      for (auto& x : part())
        result.push_back(std::move(x));
    return result;
  }();
  return all;
}

const std::vector<option>& common_options() {
  static const std::vector<option> all{
    {.name = "server",
     .letter = 's',
     .value = "URL",
     .help = "the server; else HEARTH_URL, else http://127.0.0.1:8090"},
    {.name = "json",
     .help = "print the server's JSON as it was sent, for scripts"},
    {.name = "verbose", .letter = 'v', .help = "show the stack of an error"},
    {.name = "connect-timeout",
     .value = "SECONDS",
     .help = "how long to wait for a connection (5)",
     .what = kind::number},
    {.name = "ca-file",
     .value = "FILE",
     .help = "certificates (PEM) to trust with https, instead of the system's",
     .what = kind::file},
    {.name = "help", .letter = 'h', .help = "show help, with examples"},
  };
  return all;
}

const std::vector<noun>& nouns() {
  static const std::vector<noun> all{
    {"context", "warm processes that jobs run in"},
    {"binary", "uploaded jars, eggs, wheels and shared libraries"},
    {"job", "one run each of a class in a binary"},
    {"data", "files that jobs read"},
  };
  return all;
}

const verb* find_verb(std::string_view noun, std::string_view name) {
  const auto& all = verbs();
  auto i = std::find_if(all.begin(), all.end(), [&](const verb& x) {
    return x.noun == noun && x.name == name;
  });
  return i == all.end() ? nullptr : &*i;
}

std::string synopsis(const verb& x) {
  std::string result = "hearth ";
  for (auto word : {x.noun, x.name})
    if (!word.empty())
      result.append(word) += ' ';
  for (const auto& p : x.parameters)
    result.append(p.optional ? "[" : "")
      .append(p.name)
      .append(p.optional ? "] " : " ");
  return result + "[options]";
}

} // namespace hearth::cli
