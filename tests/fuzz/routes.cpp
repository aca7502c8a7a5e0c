// Every request is answered once, with what can be sent; what reaches the
// actors is right. The input looks like a request: a line with method and
// target, lines of headers, an empty line, the body.

#include <vector>

#include "tests/fuzz/fuzz.hpp"
#include "tests/http/route_fixture.hpp"

namespace hearth::fuzz {

namespace {

using namespace std::chrono_literals;

class counting_exchange final : public http::exchange {
public:
  int answers = 0;
  http::response got;

private:
  void send(http::response x) override {
    ++answers;
    got = std::move(x);
  }
};

using exchange_ptr = std::shared_ptr<counting_exchange>;

/// Outlives every input, and the process's end: none is ever destroyed.
std::vector<test::fixture*>& fixtures() {
  static auto& result = *new std::vector<test::fixture*>;
  return result;
}

void renew_fixture() {
  fixtures().push_back(new test::fixture);
  fixtures().back()->e.parse = {};
}

http::method read_method(std::string_view name) {
  using http::method;
  for (auto x : {method::get, method::head, method::post, method::put,
                 method::delete_, method::options})
    if (name == to_string(x))
      return x;
  return method::other;
}

void read_header(std::string_view line, http::request& to) {
  auto name = take(line, ':');
  line.remove_prefix(std::min<std::size_t>(line.size(), 1));
  if (name == "Content-Type")
    to.content_type = line;
  else if (name == "Origin")
    to.origin = line;
  else if (name == "Authorization")
    to.authorization = line;
  else if (name == "Idempotency-Key")
    to.idempotency_key = line;
  else if (name == "Access-Control-Request-Headers")
    to.preflight_headers = line;
}

exchange_ptr read_request(std::string_view input) {
  auto x = std::make_shared<counting_exchange>();
  auto line = take(input);
  x->in.verb = read_method(take(line, ' '));
  x->in.raw_target = take(line, ' ');
  for (auto header = take(input); !header.empty(); header = take(input))
    read_header(header, x->in);
  x->in.shared_body = std::make_shared<const std::string>(input);
  x->in.body = *x->in.shared_body;
  return x;
}

bool is_visible(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 && c != '\t'; });
}

/// The fake store throws for this id, and the fake edge for no other.
bool is_to_fail(const http::request& in) {
  return in.path.size() > 1 && in.path[0] == "jobs" && in.path[1] == "throw";
}

void check_answer(const http::request& in, const http::response& x) {
  require(x.status >= 200 && x.status < 600, "a status of HTTP");
  require(x.status != 500 || is_to_fail(in), "no request is our fault");
  require(is_utf8(x.body), "an answer is UTF-8");
  if (x.content_type == "application/json" && !x.source && !x.body.empty())
    require(is_json(x.body), "an answer of JSON is JSON");
  for (const auto& [name, value] : x.headers)
    require(is_visible(value), "a header stays in its line");
}

void check_asked(const test::fixture& f) {
  require(f.job.main_class.empty() || is_json(f.job.config.text()),
          "a job's configuration is JSON");
  require(f.job.timeout_ms >= 0 && f.job.priority >= -1000
            && f.job.priority <= 1000 && f.job.max_wait_ms >= -1,
          "a job's numbers are in range");
  require(is_utf8(f.job.main_class) && is_utf8(f.job.context),
          "a job's texts are UTF-8");
  for (const auto& name : {f.context.name, f.upload.name})
    require(name.size() <= 255 && name != ".."
              && name.find('/') == std::string::npos
              && name.find('\0') == std::string::npos,
            "a name can be one of a file");
}

} // namespace

void one(std::string_view input) {
  if (fixtures().empty())
    renew_fixture();
  auto& f = *fixtures().back();
  f.job = {};
  f.context = {};
  f.upload = {};
  auto x = read_request(input);
  http::dispatch(f.e, x);
  f.sched.run();
  // A job that is held runs for longer than any client waits.
  f.todo.held.clear();
  f.sched.advance_time(24h);
  f.sched.run();
  require(x->answers == 1, "a request is answered once");
  check_answer(x->in, x->got);
  check_asked(f);
  if (is_to_fail(x->in))
    renew_fixture(); // for the store that threw has ended
}

} // namespace hearth::fuzz
