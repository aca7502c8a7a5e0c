/// Makes the JSON texts of answers. A job's result is inserted without being
/// parsed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/records.hpp"

namespace hearth {
struct actor_status;
class loop_watch;
struct job_progress;
} // namespace hearth

namespace hearth::http::json {

/// Returns e.g. "2017-02-28T18:54:56.523Z".
std::string timestamp(millis time);

/// Returns e.g. "5.015 secs", "2.22 secs", "5.0 secs".
std::string duration(millis elapsed);

/// Returns `{"status": …}`, with `"result": text` if the text is not empty.
std::string status(std::string_view status, std::string_view text = {});

/// Returns `{"status": …, "result": …}`. The result is an object if there is an
/// error class or a stack, and otherwise the message. `job_id` is added if it
/// is not empty.
std::string failure(std::string_view status, const problem& why,
                    std::string_view job_id = {});

/// The parts of a text before and after a result that is in a file.
struct halves {
  std::string before;
  std::string behind;
};

/// Returns the report of a finished job around its result.
halves job_report_around(job_record x);

/// Returns the answer of a sync job around its result.
halves job_answer_around(job_record x);

/// Returns the progress of a job.
std::string progress(const job_record& x, const job_progress& far);

/// Returns a job's report with its result, as the answer to its start has it.
std::string job_report(const job_record& x);

/// Returns the same with the fields that `GET /jobs/ID` adds: `since` and
/// `stateVersion`.
std::string job_details(const job_record& x);

/// Returns the history of a job or a context.
std::string history(const state_history& x);

/// Returns reports, in which only failed and killed jobs have a result.
std::string job_list(const std::vector<job_record>& xs);

/// Returns the answer of a sync job: its result, or why it has none.
std::string job_answer(const job_record& x);

/// Returns the answer to a kill.
std::string job_killed(const job_record& x);

std::string context_info(const context_record& x);

/// Returns an array of strings.
std::string names(const std::vector<std::string>& xs);

/// Returns `{"app-name", "binary-type", "upload-time"}`.
std::string binary_info(const binary_record& x);

/// Returns an object that has `{"binary-type", "upload-time"}` for each name.
std::string binary_list(const std::vector<binary_record>& xs);

/// Returns an object that has the upload time for each name of a jar.
std::string jar_list(const std::vector<binary_record>& xs);

/// Returns `{"result": {"filename": path}}`.
std::string data_stored(std::string_view path);

/// Returns the numbers of `/metricz`: for each class an object that has
/// `{"type", "value"}` for each name.
/// @param dropped_log_lines how many lines the log could not take
std::string metrics(const std::vector<actor_status>& xs,
                    const loop_watch& watch, std::uint64_t dropped_log_lines);

std::string actors(const std::vector<actor_status>& xs);

/// Reads a member of a JSON object that is a string or an array of strings.
/// Returns nothing if it is missing or something else.
std::vector<std::string> top_level_texts(const std::string& object,
                                         const char* key);

} // namespace hearth::http::json
