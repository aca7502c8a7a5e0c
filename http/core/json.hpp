/// Makes the JSON texts of answers. A job's result is inserted without being
/// parsed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/setting.hpp"
#include "store/records.hpp"

namespace hearth {
struct actor_status;
class loop_watch;
struct job_progress;
} // namespace hearth

namespace hearth::http::json {

using binary_records = std::vector<std::shared_ptr<const binary_record>>;

/// E.g. "2017-02-28T18:54:56.523Z".
std::string timestamp(millis time);

/// Returns e.g. "5.015 secs", "2.22 secs", "5.0 secs".
std::string duration(millis elapsed);

/// Returns `{"status": …}`, with `"result": text` if the text is not empty.
std::string status(std::string_view status, std::string_view text = {});

/// `{"status": …, "result": …}`. The result is an object if there is an error
/// class or a stack, else the message. `job_id` is added unless it is empty.
std::string failure(std::string_view status, const problem& reason,
                    std::string_view job_id = {});

/// The parts of a text before and after a result that is in a file.
struct halves {
  std::string before;
  std::string behind;
};

/// The report of a finished job around its result.
halves job_report_around(job_record job);

/// The answer of a sync job around its result.
halves job_answer_around(job_record job);

/// How far a job is.
std::string progress(const job_record& job, const job_progress& said);

/// A job's report with its result, as the answer to its start shows it.
std::string job_report(const job_record& job);

/// The same with what `GET /jobs/ID` adds: since when, which state version.
std::string job_details(const job_record& job);

/// What became of a job or a context.
std::string history(const state_history& story);

/// Reports in which only failed and killed jobs have a result.
std::string job_list(const std::vector<job_record>& jobs);

/// The answer of a sync job: its result, or why it has none.
std::string job_answer(const job_record& job);

/// The answer to a kill.
std::string job_killed(const job_record& job);

std::string context_info(const context_record& context);

/// An array of strings.
std::string names(const std::vector<std::string>& list);

/// `{"app-name", "binary-type", "upload-time"}`.
std::string binary_info(const binary_record& binary);

/// name -> `{"binary-type", "upload-time"}`.
std::string binary_list(const binary_records& list);

/// name -> upload time, of jars alone.
std::string jar_list(const binary_records& list);

/// Returns `{"result": {"filename": path}}`.
std::string data_stored(std::string_view path);

/// Returns the numbers of `/metricz`: for each class an object that has
/// `{"type", "value"}` for each name.
/// @param dropped_log_lines how many lines the log could not take
std::string metrics(const std::vector<actor_status>& lines,
                    const loop_watch& watch, std::uint64_t dropped_log_lines);

std::string actors(const std::vector<actor_status>& lines);

/// Whether a JSON object can have a member with that name at any depth. This is
/// a cheap look before it is parsed; escapes could hide the name.
bool may_have_member(std::string_view object, std::string_view name);

/// Returns a member of a JSON object, or nothing if it is missing or null. Of
/// several members with that name, the last one counts. Numbers come as texts.
std::optional<setting> member(const std::string& object, const char* key);

/// Returns a JSON object with only those members of another one whose paths
/// begin with the name `first`: of `{"a":1,"a.b":2,"ab":3}` the first two.
std::string members_below(const std::string& object, std::string_view first);

} // namespace hearth::http::json
