/// The types that messages between actors carry, except for the records of the
/// store (store/records.hpp).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/setting.hpp"
#include "runtime/launch/launcher.hpp"
#include "runtime/link/agent_link.hpp"
#include "runtime/protocol/frame.hpp"
#include "store/files/log_file.hpp"
#include "store/records.hpp"
#include "store/store.hpp"

namespace hearth {

/// Whether a job that finds no slot waits for one.
enum class queueing : std::uint8_t { as_context, yes, no };

/// Makes a client's Idempotency-Key private to that user, so that two users can
/// have the same key. A key never contains a line end.
inline std::string key_of_user(const std::string& user,
                               const std::string& key) {
  return user + '\n' + key;
}

/// Asks for a context.
struct context_request {
  std::string name;
  settings_map settings; ///< flat, without the server's
  bool ad_hoc = false;
  std::string key = {}; ///< Idempotency-Key, or "", see `key_of_user`
  std::string id = {};  ///< the id of the new context; "": make one
  /// The digest of the request (see `digest_of`); "" if it was not computed
  /// yet.
  std::string digest = {};
};

/// Asks for a job.
struct job_request {
  std::string context;               ///< "": make an ad-hoc context
  std::vector<std::string> binaries; ///< names and URIs, class path order
  bool by_app_name = false; ///< used `appName`, which the text of a 404 names
  std::string main_class;
  shared_text config; ///< JSON object
  bool sync = false;
  std::int64_t timeout_ms = 10'000; ///< how long a sync client waits
  std::string user;                 ///< spark.proxy.user, or ""
  std::string callback_url;         ///< where its end is posted to, or ""
  /// Settings of an ad-hoc context.
  settings_map settings;
  queueing queue = queueing::as_context;
  std::int32_t priority = 0;     ///< in the queue; higher goes first
  std::int64_t max_wait_ms = -1; ///< in the queue; -1: as its context says
  std::string key;               ///< Idempotency-Key, or ""
  std::string id;                ///< the id of the new job; "": make one
  /// The digest of the request (see `digest_of`); "" if it was not computed
  /// yet.
  std::string digest;
};

/// An upload of a binary. The content is shared, not copied.
struct binary_upload {
  std::string name;
  binary_type type = binary_type::jar;
  std::shared_ptr<const std::string> content;
};

/// The newest version of each binary, by name. The records are shared, not
/// copied: there may be thousands.
struct listed_binaries {
  std::vector<std::shared_ptr<const binary_record>> records;
};

/// An upload to `/data`. The content is shared, not copied.
struct data_upload {
  std::string prefix;
  std::shared_ptr<const std::string> content;
};

/// Asks for the binaries of a job, or of all jobs of a context. They stay in
/// use until `release` is sent for the user.
struct resolve_request {
  std::string user; ///< id of the job or the context; "": do not take into use
  std::vector<std::string> names;
  bool by_app_name = false;
  bool for_context = false;
  /// Binaries that were resolved before. If there are any, they are taken into
  /// use as they are, and `names` is not looked at.
  std::vector<protocol::binary_ref> known = {};
};

/// How long resolving binaries may take, since some come from other servers.
inline constexpr std::chrono::minutes resolve_deadline{10};

/// Resolved binaries, in the order of the class path.
struct resolved_binaries {
  std::vector<protocol::binary_ref> refs;
};

/// Asks for the process of a context.
struct launch_request {
  std::string context_id;
  std::string context_name;
  std::string token;
  settings_map settings;         ///< with defaults, flat
  std::vector<std::string> jars; ///< paths
  launch::exit_handler on_exit;
};

/// A context's agent has connected over this link and said hello.
struct agent_hello {
  link::agent_link_ptr link;
  protocol::hello hello;
};

/// One frame from a context's agent. `link` distinguishes frames of an earlier
/// connection from those of the present one; it is never dereferenced.
struct agent_frame {
  const link::agent_link* link = nullptr;
  protocol::frame frame;
};

/// The connection to a context's agent is gone.
struct agent_closed {
  const link::agent_link* link = nullptr;
  std::string reason;
};

/// The process of a context ended.
struct process_ended {
  launch::process_exit how;
};

/// The next bytes of a result.
struct result_block {
  std::string bytes;
  bool last = false; ///< nothing follows them
};

/// Asks for a part of a file that an agent cannot see.
struct file_wanted {
  std::string data; ///< name of a data file; "": `path` is used
  std::string path; ///< of a binary
  std::uint64_t offset = 0;
  std::uint64_t length = 0; ///< bytes
};

/// A part of a file.
struct file_part {
  std::string bytes;
  std::uint64_t size = 0; ///< of the whole file
};

/// The progress that a job has reported of itself.
struct job_progress {
  std::int64_t done = 0;
  std::int64_t total = 0; ///< 0: it has reported nothing
  std::string text;
};

/// One line of /admin/actors.
struct actor_status {
  std::uint64_t id = 0;
  std::uint64_t parent = 0; ///< 0: a root
  std::string name;         ///< kind of actor: "context", "job", …
  std::string subject;      ///< the name of its context, the id of its job, …
  std::string state;
  std::uint64_t mailbox = 0; ///< how many messages wait
  millis since = 0;          ///< when it was spawned
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, context_request& x) {
  return f(x.name, x.settings, x.ad_hoc, x.key, x.id, x.digest);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_request& x) {
  return f(x.context, x.binaries, x.by_app_name, x.main_class, x.config, x.sync,
           x.timeout_ms, x.user, x.callback_url, x.settings, x.queue,
           x.priority, x.max_wait_ms, x.key, x.id, x.digest);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, result_block& x) {
  return f(x.bytes, x.last);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, file_wanted& x) {
  return f(x.data, x.path, x.offset, x.length);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, file_part& x) {
  return f(x.bytes, x.size);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_progress& x) {
  return f(x.done, x.total, x.text);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, actor_status& x) {
  return f(x.id, x.parent, x.name, x.subject, x.state, x.mailbox, x.since);
}

} // namespace hearth
