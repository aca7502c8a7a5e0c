/// The JSON texts of answers. A job's result goes through unparsed.
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

/// E.g. "2017-02-28T18:54:56.523Z".
std::string timestamp(millis time);

/// E.g. "5.015 secs", "2.22 secs", "5.0 secs".
std::string duration(millis elapsed);

/// `{"status": …}` and, unless it is empty, `"result": text`.
std::string status(std::string_view status, std::string_view text = {});

/// `{"status": …, "result": …}`. The result is an object if there is an error
/// class or a stack, else the message. `job_id` is added unless it is empty.
std::string failure(std::string_view status, const problem& why,
                    std::string_view job_id = {});

/// The two halves of a text: what stands before and behind a result that lies
/// elsewhere.
struct halves {
  std::string before;
  std::string behind;
};

/// The report of a finished job around its result.
halves job_report_around(job_record x);

/// The answer of a sync job around its result.
halves job_answer_around(job_record x);

/// How far a job is.
std::string progress(const job_record& x, const job_progress& far);

/// A job's report with its result, as the answer to its start shows it.
std::string job_report(const job_record& x);

/// The same with what `GET /jobs/ID` adds: since when, which state version.
std::string job_details(const job_record& x);

/// What became of a job or a context.
std::string history(const state_history& x);

/// Reports in which only failed and killed jobs have a result.
std::string job_list(const std::vector<job_record>& xs);

/// The answer of a sync job: its result, or why it has none.
std::string job_answer(const job_record& x);

/// The answer to a kill.
std::string job_killed(const job_record& x);

std::string context_info(const context_record& x);

/// An array of strings.
std::string names(const std::vector<std::string>& xs);

/// `{"app-name", "binary-type", "upload-time"}`.
std::string binary_info(const binary_record& x);

/// name -> `{"binary-type", "upload-time"}`.
std::string binary_list(const std::vector<binary_record>& xs);

/// name -> upload time, of jars alone.
std::string jar_list(const std::vector<binary_record>& xs);

/// `{"result": {"filename": path}}`.
std::string data_stored(std::string_view path);

/// The numbers of `/metricz`: class -> name -> `{"type", "value"}`.
/// @param dropped_log_lines how many lines the log could not take
std::string metrics(const std::vector<actor_status>& xs,
                    const loop_watch& watch, std::uint64_t dropped_log_lines);

std::string actors(const std::vector<actor_status>& xs);

/// A string or an array of strings at the top of a JSON object; none if it is
/// not there or something else.
std::vector<std::string> top_level_texts(const std::string& object,
                                         const char* key);

} // namespace hearth::http::json
