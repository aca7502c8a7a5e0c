#include "cli/job_wait.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "cli/json.hpp"
#include "cli/progress.hpp"

namespace hearth::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using clock = progress::clock;

/// How long the server is asked to hold a question back until it has news.
constexpr seconds long_poll{20};
constexpr seconds long_poll_of_a_watcher{1};

/// Pauses where the server answers at once all the same.
constexpr milliseconds shortest_pause{20};
constexpr milliseconds longest_pause{1000};

/// Shows how far a job is.
class job_line {
public:
  job_line(session& s, std::string id, bool watch)
    : s_(s), id_(std::move(id)), watch_(watch), line_(s.err, s.width) {
    // nop
  }

  bool needs_news() const noexcept {
    return line_.visible() || watch_;
  }

  void show(const std::string& state) {
    auto title = fmt::format("job {} {}", id_, state);
    std::string news = title;
    if (auto x = ask_progress()) {
      line_.show(title, x->done, x->total, x->note);
      news = fmt::format("{} {}", title, x->note);
    } else {
      line_.show(title);
    }
    if (watch_ && !line_.visible() && news != told_)
      s_.err << news << std::endl;
    told_ = news;
  }

private:
  struct progress_report {
    std::int64_t done;
    std::int64_t total;
    std::string note;
  };

  /// Asks for the job's own progress; returns nothing if the server does not
  /// have it.
  std::optional<progress_report> ask_progress() {
    if (!served_)
      return std::nullopt;
    request ask;
    ask.path = {"jobs", id_, "progress"};
    auto found = s_.client.send(ask);
    served_ = found.good();
    auto x = json::value::parse(found.body);
    if (!served_ || !x)
      return std::nullopt;
    // Jobs of Spark count tasks in stages; other jobs report numbers of their
    // own.
    auto tasks = (*x)["tasks"].is_object() ? (*x)["tasks"] : *x;
    auto done = tasks["done"].count();
    auto total = tasks["total"].count();
    if (!done || !total || *total == 0)
      return std::nullopt;
    auto note = fmt::format("{}/{}", *done, *total);
    auto stages = (*x)["stages"];
    if (auto n = stages["total"].count())
      note += fmt::format(" tasks, {}/{} stages",
                          stages["done"].count().value_or(0), *n);
    if (auto text = (*x)["text"].text(); !text.empty())
      note += ", " + text;
    return progress_report{*done, *total, std::move(note)};
  }

  session& s_;
  std::string id_;
  bool watch_;
  bool served_ = true; ///< the server knows how far jobs are
  std::string told_;
  progress line_;
};

} // namespace

bool is_final(std::string_view state) noexcept {
  return state == "FINISHED" || state == "ERROR" || state == "KILLED";
}

waited wait_for_job(session& s, const std::string& id,
                    std::optional<milliseconds> limit, bool watch) {
  auto start = clock::now();
  job_line line{s, id, watch};
  auto pause = shortest_pause;
  for (;;) {
    auto asked = clock::now();
    auto left
      = limit ? *limit - std::chrono::duration_cast<milliseconds>(asked - start)
              : milliseconds{long_poll};
    auto hold = std::min(
      line.needs_news() ? long_poll_of_a_watcher : long_poll,
      std::chrono::duration_cast<seconds>(std::max(left, milliseconds{0})));
    request ask;
    ask.path = {"jobs", id};
    ask.query = {{"wait", std::to_string(hold.count())}};
    waited result{s.client.send(ask)};
    if (!result.report.good())
      throw refused{std::move(result.report)};
    auto report = json::value::parse(result.report.body);
    auto state = report ? (*report)["status"].text() : std::string{};
    result.ended = is_final(state);
    if (result.ended || (limit && left <= milliseconds{0}))
      return result;
    line.show(state);
    if (clock::now() - asked < hold / 2 || hold == seconds{0}) {
      std::this_thread::sleep_for(limit ? std::min(pause, left) : pause);
      pause = std::min(pause * 3 / 2, longest_pause);
    }
  }
}

exit_code finish(session& s, const std::string& id, const answer& report) {
  auto x = json::value::parse(report.body);
  auto state = x ? (*x)["status"].text() : std::string{};
  if (s.json || !x)
    s.print(report);
  if (state == "ERROR" || state == "KILLED") {
    // The server's message about a killed job has its id already.
    s.complain(report,
               state == "ERROR" ? fmt::format("job {} failed: ", id) : "");
    return exit_code::job_failed;
  }
  if (!s.json && x)
    s.out << json::shown_member(report.body, "result") << '\n';
  return exit_code::ok;
}

} // namespace hearth::cli
