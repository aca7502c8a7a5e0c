#include <doctest/doctest.h>

#include "http/routes/doorkeeper.hpp"
#include "tests/http/route_fixture.hpp"

using namespace hearth;
using namespace hearth::test;
using namespace hearth::http;

namespace {

using namespace std::chrono_literals;

// ann:pass, bob:pass
const std::string ann = "Basic YW5uOnBhc3M=";
const std::string bob = "Basic Ym9iOnBhc3M=";

/// Knows ann, who may do what the test says, and counts who asks.
access_actor::behavior_type fake_access(access_actor::pointer,
                                        conf::permissions* anns, int* asked) {
  return {
    [=](atom::get, const std::string& name,
        const std::string& password) -> caf::result<std::uint32_t> {
      ++*asked;
      return name == "ann" && password == "pass" ? *anns : 0;
    },
    [=](atom::get, const std::string& name, const std::string& password,
        const std::string&) -> caf::result<std::uint32_t> {
      ++*asked;
      return name == "ann" && password == "pass" ? *anns : 0;
    },
    [](atom::tick) {},
    [](atom::status) -> caf::result<std::vector<actor_status>> {
      return one_status(77, "access");
    },
  };
}

struct guarded : fixture {
  conf::permissions anns = *conf::parse_permissions("*");
  int asked = 0;

  guarded() {
    let_anonymous("");
    e.actors.access = system.spawn(fake_access, &anns, &asked);
    sched.run();
  }

  ~guarded() {
    caf::anon_send_exit(e.actors.access, caf::exit_reason::kill);
  }

  void let_anonymous(const std::string& permissions) {
    conf::access_settings settings;
    settings.anonymous = permissions;
    e.door = std::make_shared<doorkeeper>(settings);
  }

  std::shared_ptr<fake_exchange> knock(std::string_view target,
                                       std::string_view authorization,
                                       method verb = method::get) {
    auto x = std::make_shared<fake_exchange>();
    x->in.verb = verb;
    x->in.raw_target = target;
    x->in.shared_body = std::make_shared<std::string>();
    x->in.authorization = authorization;
    dispatch(e, x);
    return x;
  }

  int status(std::string_view target, std::string_view authorization,
             method verb = method::get) {
    auto x = knock(target, authorization, verb);
    sched.run();
    return x->got.status;
  }
};

} // namespace

TEST_CASE("Basic credentials are read, what is none is not") {
  auto x = read_basic("bAsIc YW5uOmE6Yg==");
  REQUIRE(x);
  CHECK(x->name == "ann");
  CHECK(x->password == "a:b");
  for (auto text :
       {"", "Basic", "Basic YW5u", "Bearer YW5uOmE6Yg==", "Basic YW5uOmE6Y",
        "Basic ====", "Basic Y=5uOmE6", "Basic !!!!"}) {
    CAPTURE(text);
    CHECK_FALSE(read_basic(text));
  }
}

TEST_CASE_FIXTURE(guarded, "who does not say who it is is asked to") {
  auto x = knock("/jobs", "");
  CHECK(x->got.status == 401);
  CHECK(header(x->got, "WWW-Authenticate")
        == R"(Basic realm="hearth", charset="UTF-8")");
  CHECK(status("/healthz", "") == 200);
  CHECK(status("/nonsense", "") == 404);
  let_anonymous("jobs:read");
  CHECK(status("/jobs", "") == 200);
  CHECK(status("/contexts", "") == 401);
  CHECK(asked == 0);
}

TEST_CASE_FIXTURE(guarded, "a user may do what it has the permission for") {
  CHECK(status("/jobs", ann) == 200);
  CHECK(status("/jobs", bob) == 401);
  CHECK(status("/jobs", "Basic x") == 401);
  let_anonymous("jobs:read");
  CHECK(status("/jobs", bob) == 401);
  anns = *conf::parse_permissions("contexts:read");
  CHECK(status("/jobs", ann) == 403);
  CHECK(status("/contexts", ann) == 200);
  CHECK(status("/contexts/ctx", ann, method::delete_) == 403);
}

TEST_CASE_FIXTURE(guarded, "a right password is checked once, a wrong one is "
                           "not remembered") {
  auto first = knock("/jobs", ann);
  auto second = knock("/contexts", ann);
  sched.run();
  CHECK(first->got.status == 200);
  CHECK(second->got.status == 200);
  CHECK(status("/jobs", ann) == 200);
  CHECK(asked == 1);
  CHECK(status("/jobs", bob) == 401);
  CHECK(status("/jobs", bob) == 401);
  CHECK(asked == 3);
}

TEST_CASE_FIXTURE(guarded, "so many passwords are not checked at once") {
  // All of them say "ann:pass " and more; who knows the users refuses sooner,
  // by address.
  constexpr std::size_t most = 4096;
  auto header = [](std::size_t i) {
    return std::string{"Basic YW5uOnBhc3Mg"} + static_cast<char>('A' + i % 16)
           + static_cast<char>('A' + i / 16 % 16)
           + static_cast<char>('A' + i / 256 % 16)
           + static_cast<char>('A' + i / 4096);
  };
  std::vector<std::string> headers;
  for (std::size_t i = 0; i <= most; ++i)
    headers.push_back(header(i));
  for (std::size_t i = 0; i < most; ++i)
    knock("/jobs", headers[i]);
  CHECK(knock("/jobs", headers[most])->got.status == 503);
  sched.run();
  CHECK(asked == most);
}

TEST_CASE("what is remembered is forgotten in time") {
  conf::access_settings settings;
  settings.cache_time = 10s;
  doorkeeper door{settings};
  auto tag = door.tag_of(ann);
  doorkeeper::clock::time_point now{};
  CHECK_FALSE(door.known(tag, now));
  door.settle(tag, conf::may::read_jobs, now);
  CHECK(door.known(tag, now + 9s));
  CHECK_FALSE(door.known(door.tag_of(bob), now));
  CHECK_FALSE(door.known(tag, now + 10s));
  CHECK(doorkeeper{settings}.tag_of(ann) != tag);
}

TEST_CASE_FIXTURE(guarded, "users do not share Idempotency-Keys") {
  request in;
  in.idempotency_key = "k";
  CHECK(own_key(e, in) == "k");
  in.authorization = ann;
  auto anns_key = own_key(e, in);
  in.authorization = bob;
  CHECK(own_key(e, in) != anns_key);
  in.idempotency_key = {};
  CHECK(own_key(e, in).empty());
  in.idempotency_key = "a b";
  CHECK_THROWS_AS(own_key(e, in), bad_request);
  e.door = nullptr;
  in.idempotency_key = "k";
  CHECK(own_key(e, in) == "k");
}
