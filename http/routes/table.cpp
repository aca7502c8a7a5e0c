#include "http/routes/table.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/loop_watch.hpp"
#include "http/core/media.hpp"
#include "http/core/origin.hpp"
#include "http/core/reply.hpp"

namespace hearth::http {

namespace {

namespace may = conf::may;

constexpr std::array table{
  route{method::get, "/", get_page, may::enter},
  route{method::get, "/healthz", get_health, may::nothing},
  route{method::get, "/metricz", get_metrics, may::enter},
  route{method::get, "/admin/actors", get_actors, may::read_contexts},

  route{method::get, "/binaries", list_binaries, may::read_binaries},
  route{method::get, "/binaries/*", get_binary, may::read_binaries},
  route{method::post, "/binaries/*", post_binary, may::upload_binaries, true},
  route{method::delete_, "/binaries/*", delete_binary, may::delete_binaries},
  route{method::get, "/jars", list_jars, may::read_binaries},
  route{method::post, "/jars/*", post_jar, may::upload_binaries, true},
  route{method::delete_, "/jars/*", delete_binary, may::delete_binaries},

  route{method::get, "/contexts", list_contexts, may::read_contexts},
  route{method::put, "/contexts", reset_contexts, may::reset_contexts},
  route{method::get, "/contexts/*", get_context, may::read_contexts},
  route{method::get, "/contexts/*/history", get_context_history,
        may::read_contexts},
  route{method::get, "/contexts/*/logs", get_context_logs, may::read_contexts},
  route{method::post, "/contexts/*", post_context, may::start_contexts},
  route{method::delete_, "/contexts/*", delete_context, may::delete_contexts},
  route{method::post, "/contexts/*/restart", restart_context,
        may::start_contexts | may::delete_contexts},

  route{method::get, "/data", list_data, may::read_data},
  route{method::put, "/data", reset_data, may::reset_data},
  route{method::post, "/data/*", post_data, may::upload_data, true},
  route{method::delete_, "/data/*", delete_data, may::delete_data},

  route{method::get, "/jobs", list_jobs, may::read_jobs},
  route{method::post, "/jobs", post_job, may::start_jobs},
  route{method::get, "/jobs/*", get_job, may::read_jobs},
  route{method::delete_, "/jobs/*", delete_job, may::delete_jobs},
  route{method::get, "/jobs/*/config", get_job_config, may::read_jobs},
  route{method::get, "/jobs/*/history", get_job_history, may::read_jobs},
  route{method::get, "/jobs/*/logs", get_job_logs, may::read_jobs},
  route{method::get, "/jobs/*/progress", get_job_progress, may::read_jobs},
};

/// The methods of a path for `Allow`; empty if there is no such path.
std::string allowed(const std::vector<std::string>& path) {
  std::string result;
  for (const auto& r : table) {
    if (!matches(r.pattern, path))
      continue;
    result += to_string(r.verb);
    result += r.verb == method::get ? ", HEAD, " : ", ";
  }
  return result.empty() ? result : result + "OPTIONS";
}

/// `POST …?_method=DELETE` counts as a DELETE, for clients behind proxies that
/// block DELETE.
method effective_method(request& in) {
  const auto* wanted = in.query.find("_method");
  if (in.verb == method::head)
    return method::get;
  if (in.verb != method::post || !wanted)
    return in.verb;
  for (auto verb : {method::get, method::post, method::put, method::delete_}) {
    if (*wanted == to_string(verb)) {
      in.query.erase("_method");
      return verb;
    }
  }
  throw bad_request("The query parameter '_method' was malformed: '" + *wanted
                    + "' is not one of GET, POST, PUT, DELETE");
}

/// Whether the text can be the value of a header without ending its line.
bool is_visible(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) {
    return (c < ' ' && c != '\t') || c == 0x7f;
  });
}

response options(const request& in, const std::string& methods) {
  response result;
  result.headers.emplace_back("Allow", methods);
  if (in.origin.empty())
    return result;
  result.headers.emplace_back("Access-Control-Allow-Methods", methods);
  result.headers.emplace_back("Access-Control-Max-Age", "1800");
  if (!in.preflight_headers.empty() && is_visible(in.preflight_headers))
    result.headers.emplace_back("Access-Control-Allow-Headers",
                                in.preflight_headers);
  return result;
}

/// The answer where no route takes the request.
response no_route(const request& in) {
  auto methods = allowed(in.path);
  if (methods.empty())
    return http_failure(404, "The requested resource could not be found.");
  if (in.verb == method::options)
    return options(in, methods);
  auto result = http_failure(405, "HTTP method not allowed, supported methods: "
                                    + methods);
  result.headers.emplace_back("Allow", methods);
  return result;
}

/// Keeps the origin if scripts of its pages may read answers. A browser
/// withholds from a page any answer without headers for it.
void check_origin(request& in, std::string_view allowed) {
  if (in.origin.empty())
    return;
  auto from = is_visible(in.origin) ? origin_list{allowed}.of(in.origin, {})
                                    : page::none;
  in.any_origin = from == page::any;
  if (from != page::listed && from != page::any)
    in.origin = {};
}

/// Where the route of a request was not found, its answer is there instead.
struct found_route {
  const route* to = nullptr;
  std::optional<response> missing;
};

/// Reads the target, and finds the route. @throws bad_request
found_route find_route(request& in) {
  auto target = split_target(in.raw_target);
  if (target.path == "*" && in.verb == method::options)
    return {nullptr, options(in, "GET, HEAD, POST, PUT, DELETE, OPTIONS")};
  in.path = split_path(target.path);
  in.query = parameters::parse(target.query);
  auto verb = effective_method(in);
  const auto* r = std::find_if(table.begin(), table.end(), [&](const auto& r) {
    return r.verb == verb && matches(r.pattern, in.path);
  });
  if (r == table.end())
    return {nullptr, no_route(in)};
  return {r, std::nullopt};
}

std::size_t body_limit(const conf::http_settings& settings, const route* to) {
  return to && to->upload ? settings.max_upload : settings.max_body;
}

response too_large(std::size_t limit) {
  return http_failure(413, "the body is larger than " + std::to_string(limit)
                             + " bytes");
}

/// Makes UTF-8 of a text in another character set.
std::optional<response> read_charset(request& in) {
  auto charset = charset_of(in.content_type);
  if (in.body.empty() || is_utf8(charset))
    return std::nullopt;
  auto text = to_utf8(in.body, charset);
  if (!text)
    return http_failure(415, "the charset '" + charset
                               + "' is not known; UTF-8 is right");
  in.shared_body = std::make_shared<const std::string>(std::move(*text));
  in.body = *in.shared_body;
  return std::nullopt;
}

/// Whether the answer may take long because the client asks to wait.
bool asks_to_wait(const parameters& query) {
  return query.find("wait") || query.flag("follow", false)
         || query.flag("sync", false);
}

/// E.g. "GET /jobs/*".
std::string_view name_of(const route& r) {
  static const auto names = [] {
    std::array<std::string, table.size()> result;
    for (std::size_t i = 0; i < table.size(); ++i)
      result[i] = std::string{to_string(table[i].verb)} + ' '
                  + std::string{table[i].pattern};
    return result;
  }();
  return names[static_cast<std::size_t>(&r - table.data())];
}

void run(const route_env& e, const exchange_ptr& call) {
  check_origin(call->in, e.settings.allowed_origins);
  auto [r, missing] = find_route(call->in);
  if (missing)
    return call->answer(std::move(*missing));
  call->in.route = name_of(*r);
  name_work(call->in.route);
  if (auto limit = body_limit(e.settings, r); call->in.body.size() > limit)
    return call->answer(too_large(limit));
  if (!r->upload) {
    if (auto refused = read_charset(call->in))
      return call->answer(std::move(*refused));
  }
  if (e.load && e.load->is_crowded() && asks_to_wait(call->in.query))
    return call->answer(failure(
      ec::overloaded, {"too many requests wait for something", {}, {}, {}}));
  enter(e, call, *r);
}

} // namespace

std::span<const route> routes() noexcept {
  return table;
}

bool matches(std::string_view pattern, const std::vector<std::string>& path) {
  pattern.remove_prefix(1);
  for (const auto& segment : path) {
    auto n = std::min(pattern.find('/'), pattern.size());
    if (n == 0
        || (pattern.substr(0, n) != "*" && pattern.substr(0, n) != segment))
      return false;
    pattern.remove_prefix(std::min(n + 1, pattern.size()));
  }
  return pattern.empty();
}

head_verdict examine(const route_env& e, const request_head& head) noexcept {
  try {
    request in;
    in.verb = head.verb;
    in.raw_target = head.target;
    in.origin = head.origin;
    check_origin(in, e.settings.allowed_origins);
    auto [to, missing] = find_route(in);
    auto limit = std::min(body_limit(e.settings, to), e.settings.upload_budget);
    if (!missing && head.content_length > limit)
      missing = too_large(limit);
    if (missing && !in.origin.empty())
      add_origin(*missing, in.origin, in.any_origin);
    return {std::move(missing), to, limit};
  } catch (...) {
    return {failure_of_exception(), nullptr, 0};
  }
}

void dispatch(const route_env& e, const exchange_ptr& call) noexcept {
  try {
    run(e, call);
  } catch (...) {
    call->answer(failure_of_exception());
  }
}

} // namespace hearth::http
