#include "cli/completion.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "cli/invocation.hpp"

namespace hearth::cli {

namespace {

using candidates = std::vector<candidate>;

candidates values(kind what, std::string_view words,
                  const name_lookup& lookup) {
  candidates result;
  if (what == kind::word) {
    std::istringstream in{std::string{words}};
    for (std::string word; in >> word;)
      result.push_back({word, ""});
  } else if (what == kind::file) {
    result.push_back({std::string{file_candidates}, ""});
  } else if (what != kind::text && what != kind::number) {
    for (auto& name : lookup(what))
      result.push_back({std::move(name), ""});
  }
  return result;
}

candidates first_words() {
  candidates result;
  for (const auto& x : nouns())
    result.push_back({std::string{x.name}, std::string{x.summary}});
  for (const auto& x : verbs())
    if (x.noun.empty())
      result.push_back({std::string{x.name}, std::string{x.summary}});
  return result;
}

candidates verbs_of(std::string_view noun) {
  candidates result;
  for (const auto& x : verbs())
    if (x.noun == noun)
      result.push_back({std::string{x.name}, std::string{x.summary}});
  return result;
}

/// The option that this word is, in one of its forms; null if it is none.
const option* option_of(const verb* x, std::string_view word) {
  auto is = [&](const option& o) {
    return word == fmt::format("--{}", o.name)
           || (o.letter != 0 && word == fmt::format("-{}", o.letter));
  };
  for (const auto* list : {&common_options(), x ? &x->options : nullptr}) {
    if (!list)
      continue;
    auto i = std::find_if(list->begin(), list->end(), is);
    if (i != list->end())
      return &*i;
  }
  return nullptr;
}

candidates options(const verb* x) {
  candidates result;
  for (const auto* list : {x ? &x->options : nullptr, &common_options()})
    if (list)
      for (const auto& o : *list)
        result.push_back({fmt::format("--{}", o.name), std::string{o.help}});
  return result;
}

/// Words of `rest` that are neither options nor their values.
std::size_t count_parameters(const verb& x,
                             const std::vector<std::string>& rest) {
  std::size_t result = 0;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (!rest[i].starts_with('-') || rest[i] == "-") {
      ++result;
    } else if (const auto* o = option_of(&x, rest[i]); o && !o->value.empty()) {
      ++i;
    }
  }
  return result;
}

candidates fitting(const std::vector<std::string>& before,
                   std::string_view unfinished, const name_lookup& lookup) {
  auto line = split_command(before);
  const auto* x = find_verb(line.noun, line.name);
  if (!before.empty())
    if (const auto* o = option_of(x, before.back()); o && !o->value.empty())
      return values(o->what, o->words, lookup);
  if (unfinished.starts_with('-'))
    return options(x);
  if (!x)
    return !line.noun.empty()  ? verbs_of(line.noun)
           : line.name.empty() ? first_words()
                               : candidates{};
  auto place = count_parameters(*x, line.rest);
  if (place >= x->parameters.size())
    return {};
  return values(x->parameters[place].what, x->parameters[place].words, lookup);
}

// The shells split words; all else is known to the program, so that these
// never grow old.

constexpr std::string_view bash = R"(# bash completion of hearth
_hearth() {
  local line=${COMP_LINE:0:COMP_POINT} words current word done
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  current=${words[-1]}
  # Bash replaces only what stands behind the last of these.
  done=${current%"${COMP_WORDS[COMP_CWORD]}"}
  [[ ${COMP_WORDS[COMP_CWORD]} == [=:] ]] && done=$current
  COMPREPLY=()
  while IFS=$'\t' read -r word _; do
    if [[ $word == :file ]]; then
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
    elif [[ $word == "$current"* ]]; then
      COMPREPLY+=("${word#"$done"}")
    fi
  done < <("$1" __complete "${words[@]:1}" 2>/dev/null)
}
complete -F _hearth hearth
)";

constexpr std::string_view zsh = R"(#compdef hearth
# zsh completion of hearth
_hearth() {
  local line
  local -a found
  for line in "${(@f)$("${words[1]}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :file ]]; then
      _files
    elif [[ -n $line ]]; then
      found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
  done
  (( $#found )) && _describe hearth found
}
if [[ ${funcstack[1]} == _hearth ]]; then
  _hearth "$@"
else
  compdef _hearth hearth
fi
)";

constexpr std::string_view fish = R"(# fish completion of hearth
function __hearth_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
        if string match -q ':file*' -- $line
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c hearth -f -a '(__hearth_complete)'
)";

} // namespace

candidates complete(const std::vector<std::string>& words,
                    const name_lookup& lookup) {
  auto unfinished = words.empty() ? std::string{} : words.back();
  std::vector<std::string> before{
    words.begin(), words.empty() ? words.end() : words.end() - 1};
  auto result = fitting(before, unfinished, lookup);
  std::erase_if(result, [&](const candidate& x) {
    return x.word != file_candidates && !x.word.starts_with(unfinished);
  });
  return result;
}

std::string_view completion_script(std::string_view shell) {
  return shell == "bash"   ? bash
         : shell == "zsh"  ? zsh
         : shell == "fish" ? fish
                           : std::string_view{};
}

} // namespace hearth::cli
