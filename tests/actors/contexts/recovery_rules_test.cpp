#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "actors/contexts/recovery_rules.hpp"

using namespace hearth;

namespace {

using process_found = found_context::process_found;
using entry_found = found_job::entry_found;
using report = found_job::report;
using rows = std::vector<std::pair<std::string, std::string>>;

/// The lines of the table in docs/operate.md that begins with "found".
rows rows_of_the_page() {
  rows result;
  std::ifstream page{OPERATE_PAGE};
  std::string line;
  while (std::getline(page, line) && line != "| found | becomes |") {
  }
  std::getline(page, line); // the rule below the head
  while (std::getline(page, line) && line.starts_with("| ")) {
    auto middle = line.find(" | ");
    REQUIRE(middle != std::string::npos);
    REQUIRE(line.ends_with(" |"));
    result.emplace_back(line.substr(2, middle - 2),
                        line.substr(middle + 3, line.size() - middle - 5));
  }
  return result;
}

found_context context(context_state state, process_found process,
                      bool restarts = false, bool ad_hoc = false,
                      bool start_file = true) {
  return {state, process, start_file, ad_hoc, restarts};
}

found_job job(entry_found entry, report agent,
              context_fate fate = context_fate::taken_over,
              job_state state = job_state::started) {
  return {fate, state, entry, agent};
}

} // namespace

TEST_CASE("docs/operate.md shows the rules by which a server recovers") {
  rows rules;
  for (auto& rule : context_rules())
    rules.emplace_back(rule.found, rule.becomes);
  for (auto& rule : job_rules())
    rules.emplace_back(rule.found, rule.becomes);
  auto page = rows_of_the_page();
  REQUIRE(page.size() == rules.size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    CHECK(page[i].first == rules[i].first);
    CHECK(page[i].second == rules[i].second);
  }
}

TEST_CASE("what becomes of a context that an earlier server left") {
  struct row {
    found_context found;
    context_fate becomes;
  };
  using s = context_state;
  using p = process_found;
  using f = context_fate;
  for (const auto& line : {
         row{context(s::running, p::lives), f::taken_over},
         row{context(s::started, p::lives), f::taken_over},
         row{context(s::running, p::lives, true, false, false), f::fails},
         row{context(s::running, p::gone), f::fails},
         row{context(s::running, p::silent), f::fails},
         row{context(s::running, p::gone, true), f::starts_again},
         row{context(s::running, p::silent, true), f::starts_again},
         row{context(s::running, p::gone, true, false, false), f::starts_again},
         row{context(s::running, p::gone, true, true), f::fails},
         row{context(s::started, p::gone, true), f::fails},
         row{context(s::started, p::none, true), f::fails},
         row{context(s::running, p::none, true), f::fails},
         row{context(s::restarting, p::none), f::starts_again},
         row{context(s::restarting, p::lives), f::starts_again},
         row{context(s::restarting, p::gone), f::starts_again},
         row{context(s::stopping, p::lives), f::finishes},
         row{context(s::stopping, p::gone, true), f::finishes},
         row{context(s::stopping, p::none), f::finishes},
       }) {
    const auto& found = line.found;
    CAPTURE(static_cast<int>(found.state));
    CAPTURE(static_cast<int>(found.process));
    CHECK(rule_for(found).fate == line.becomes);
  }
}

TEST_CASE("what becomes of a job that an earlier server left") {
  struct row {
    found_job found;
    job_fate becomes;
  };
  using e = entry_found;
  using r = report;
  using f = job_fate;
  using c = context_fate;
  for (const auto& line : {
         row{job(e::none, r::known), f::goes_on},
         row{job(e::sent, r::known), f::goes_on},
         row{job(e::waiting, r::known), f::goes_on},
         row{job(e::none, r::unknown), f::fails},
         row{job(e::sent, r::unknown), f::is_sent},
         row{job(e::sent, r::unknown, c::taken_over, job_state::running),
             f::fails},
         row{job(e::waiting, r::unknown), f::waits_on},
         row{job(e::none, r::none, c::starts_again), f::fails},
         row{job(e::sent, r::none, c::starts_again), f::fails},
         row{job(e::waiting, r::none, c::starts_again), f::waits_on},
         row{job(e::none, r::none, c::fails), f::fails},
         row{job(e::sent, r::none, c::fails), f::fails},
         row{job(e::waiting, r::none, c::fails), f::fails},
         row{job(e::waiting, r::none, c::finishes), f::fails},
       }) {
    const auto& found = line.found;
    CAPTURE(static_cast<int>(found.entry));
    CAPTURE(static_cast<int>(found.agent));
    CHECK(rule_for(found).fate == line.becomes);
  }
}

TEST_CASE("everything that can be found has a rule") {
  for (auto state : {context_state::started, context_state::running,
                     context_state::stopping, context_state::restarting})
    for (auto process : {process_found::none, process_found::gone,
                         process_found::silent, process_found::lives})
      for (auto flags = 0; flags < 8; ++flags) {
        auto& rule = rule_for(context(state, process, (flags & 1) != 0,
                                      (flags & 2) != 0, (flags & 4) != 0));
        // Nobody sees an ERROR without a reason.
        CHECK((rule.fate != context_fate::fails || *rule.why != '\0'));
        // A process that is not there is not taken over.
        CHECK((rule.fate != context_fate::taken_over
               || process == process_found::lives));
      }
}
