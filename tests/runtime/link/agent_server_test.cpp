#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include <asio/post.hpp>
#include <doctest/doctest.h>

#include "tests/runtime/link/fixture.hpp"

namespace {

std::size_t open_descriptors() {
  std::filesystem::directory_iterator i{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(i), end(i)));
}

agent_server_config at_socket(std::string path) {
  agent_server_config result;
  result.socket = std::move(path);
  return result;
}

/// What a server that was killed leaves: a file, and nobody behind it.
void leave_socket(const std::string& path) {
  auto fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address))
          == 0);
  ::close(fd);
}

/// Whether an agent is let in.
bool serves(fixture& f, bool by_socket) {
  fake_agent agent{by_socket};
  if (!agent.connect(f.where()))
    return false;
  f.admit(agent);
  return true;
}

} // namespace

TEST_CASE_FIXTURE(fixture, "an agent that says hello is welcomed") {
  fake_agent agent{where()};
  agent.say_hello("c-1");
  auto x = arrivals.take();
  CHECK(x.hello.context_id == "c-1");
  CHECK(x.hello.token == "secret");
  CHECK(x.hello.pid == 42);
  CHECK(x.hello.running == std::vector<std::string>{"j"});
  accept(x.link);
  auto answer = agent.receive();
  REQUIRE(answer);
  CHECK(answer->kind == kind::welcome);
  CHECK(protocol::parse_welcome(*answer).heartbeat_ms == 5000);
}

TEST_CASE_FIXTURE(fixture, "a rejected agent is told why") {
  fake_agent agent{where()};
  agent.say_hello();
  agent.send(protocol::job_started_frame("ignored"));
  auto link = arrivals.take().link;
  link->reject("wrong token");
  link->send(protocol::job_stored_frame("lost"));
  auto answer = agent.receive();
  REQUIRE(answer);
  CHECK(protocol::parse_reject(*answer) == "wrong token");
  CHECK_FALSE(agent.receive());
  agent.close();
  end();
  CHECK(frames.empty());
  CHECK(closed.empty());
}

TEST_CASE_FIXTURE(fixture, "a hello that cannot be used is rejected") {
  fake_agent other_version{where()};
  other_version.say_hello("c", 2);
  auto answer = other_version.receive();
  REQUIRE(answer);
  CHECK(protocol::parse_reject(*answer)
        == "the server speaks version 1 of the agent protocol, not 2");
  CHECK_FALSE(other_version.receive());

  fake_agent incomplete{where()};
  incomplete.send({kind::hello, R"({"protocol":1})", ""});
  answer = incomplete.receive();
  REQUIRE(answer);
  CHECK(protocol::parse_reject(*answer) == "hello: missing key 'contextId'");
  CHECK_FALSE(incomplete.receive());
  CHECK(arrivals.empty());
}

TEST_CASE_FIXTURE(fixture, "who does not begin with hello is shut out") {
  for (const auto& bytes :
       {"GET / HTTP/1.1\r\n\r\n"s, "\0\0\0\x04\x0c\0\0\0"s,
        "\0\xff\xff\xff\x01\0\0\x02{}"s
          + std::string(protocol::max_header + 256 * 1024, 'x')}) {
    fake_agent agent{where()};
    agent.send_bytes(bytes);
    CHECK_FALSE(agent.receive());
  }
  CHECK(arrivals.empty());
}

TEST_CASE("who says no hello in time is dropped") {
  fixture f{with_hello_timeout(20ms)};
  fake_agent silent{f.where()};
  fake_agent slow{f.where()};
  slow.send_bytes("\0\0"s);
  CHECK_FALSE(silent.receive());
  CHECK_FALSE(slow.receive());
}

TEST_CASE("an agent that nobody accepts in time is dropped") {
  fixture f{with_hello_timeout(20ms)};
  fake_agent agent{f.where()};
  agent.say_hello();
  auto link = f.arrivals.take().link;
  CHECK_FALSE(agent.receive());
  f.accept(link);
  CHECK(f.closed.take() == "neither accepted nor rejected within 20 ms");
}

TEST_CASE("an agent that does not close its side is cut off") {
  fixture f{with_hello_timeout(20ms)};
  auto before = open_descriptors();
  {
    fake_agent agent{f.where()};
    agent.say_hello("c", 3);
    CHECK(agent.receive()->kind == kind::reject);
    CHECK_FALSE(agent.receive());
    // The server's end goes without ours: a write then meets a reset.
    for (;;) {
      agent.send(protocol::stopping_frame());
      if (open_descriptors() == before + 1)
        break;
      std::this_thread::yield();
    }
  }
}

TEST_CASE_FIXTURE(fixture, "a stopping server closes every connection") {
  std::vector<std::unique_ptr<fake_agent>> agents;
  std::vector<agent_link_ptr> links;
  for (int i = 0; i < 5; ++i) {
    agents.push_back(std::make_unique<fake_agent>(where()));
    links.push_back(admit(*agents.back()));
  }
  fake_agent stranger{where()};
  server->stop();
  for (auto& x : agents) {
    CHECK(closed.take() == "the server stops");
    CHECK_FALSE(x->receive());
  }
  CHECK_FALSE(stranger.receive());
  CHECK_FALSE(fake_agent{}.connect(where()));
}

TEST_CASE("the server may be destroyed from a callback") {
  fixture f;
  fake_agent agent{f.where()};
  agent.say_hello();
  events<std::string> closed;
  f.arrivals.take().link->accept(
    [&](const protocol::frame&) { f.server.reset(); },
    [&](std::string reason) { closed.put(std::move(reason)); });
  agent.send(protocol::job_started_frame("1"));
  CHECK(closed.take() == "the server stops");
  f.work.reset();
  f.thread.join();
}

TEST_CASE("connections over the limit are closed at once") {
  agent_server_config config;
  config.max_connections = 2;
  fixture f{config};
  fake_agent first{f.where()};
  auto link = f.admit(first);
  fake_agent second{f.where()};
  f.admit(second);
  fake_agent third{f.where()};
  CHECK_FALSE(third.receive());
  first.close();
  f.closed.take();
  fake_agent fourth{f.where()};
  f.admit(fourth);
}

TEST_CASE_FIXTURE(fixture, "want of descriptors is survived") {
  fake_agent agent;
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  auto lowest_free = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(lowest_free >= 0);
  ::close(lowest_free);
  auto none = before;
  none.rlim_cur = static_cast<rlim_t>(lowest_free);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  auto connected = agent.connect(where());
  // What is posted now runs after the attempt to accept failed.
  events<int> turns;
  for (int i = 0; i < 3; ++i) {
    asio::post(io, [&] { turns.put(0); });
    turns.take();
  }
  ::setrlimit(RLIMIT_NOFILE, &before);
  REQUIRE(connected);
  admit(agent);
}

TEST_CASE("no descriptor is left over") {
  auto before = open_descriptors();
  {
    fixture f;
    for (int i = 0; i < 50; ++i) {
      fake_agent agent{f.where()};
      auto link = f.admit(agent);
      if (i % 3 == 0)
        link->close();
      if (i % 3 == 1)
        agent.send_bytes("\0\0\0\0"s);
    }
    fake_agent rejected{f.where()};
    rejected.say_hello("c", 9);
    CHECK(rejected.receive()->kind == kind::reject);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("a port that is taken is an error") {
  fixture f;
  agent_server_config config;
  config.port = f.where().port;
  asio::io_context io;
  CHECK_THROWS_AS(
    agent_server(io, config, [](agent_link_ptr, const protocol::hello&) {}),
    std::system_error);
}

TEST_CASE("agents come by TCP and by the Unix socket at once") {
  fixture f;
  CHECK(serves(f, true));
  CHECK(serves(f, false));
}

TEST_CASE("the limit of connections is one for both ways") {
  agent_server_config config;
  config.max_connections = 2;
  fixture f{config};
  fake_agent first{true};
  REQUIRE(first.connect(f.where()));
  f.admit(first);
  fake_agent second{false};
  REQUIRE(second.connect(f.where()));
  f.admit(second);
  for (auto to_socket : {true, false}) {
    fake_agent further{to_socket};
    REQUIRE(further.connect(f.where()));
    CHECK_FALSE(further.receive());
  }
}

TEST_CASE("the Unix socket is its user's alone, and goes with the server") {
  auto umask_before = ::umask(0);
  temp_dir folder;
  auto path = folder / "agent.sock";
  {
    fixture f{at_socket(path)};
    CHECK(f.where().socket == path);
    struct stat found {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    CHECK(S_ISSOCK(found.st_mode));
    CHECK((found.st_mode & 0777) == 0600);
  }
  ::umask(umask_before);
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("the socket of a server that was killed is replaced") {
  temp_dir folder;
  auto path = folder / "agent.sock";
  leave_socket(path);
  fixture f{at_socket(path)};
  CHECK(serves(f, true));
}

TEST_CASE("a server leaves the socket of the next one alone") {
  temp_dir folder;
  auto path = folder / "agent.sock";
  auto earlier = std::make_unique<fixture>(at_socket(path));
  fixture later{at_socket(path)};
  earlier.reset();
  CHECK(serves(later, true));
}

TEST_CASE("agents come by TCP where there can be no Unix socket") {
  temp_dir folder;
  std::filesystem::create_directory(folder / "taken");
  folder.write("file", "somebody's");
  std::filesystem::create_directory(folder / "real");
  std::filesystem::create_directory_symlink(folder / "real", folder / "link");
  for (const auto& path :
       {folder / std::string(108, 'x'), folder / "missing/too/agent.sock",
        folder / "taken", folder / "file", folder / "file/agent.sock",
        folder / "link/agent.sock"}) {
    CAPTURE(path);
    auto before = open_descriptors();
    {
      fixture f{at_socket(path)};
      CHECK(f.where().socket.empty());
      CHECK(serves(f, false));
    }
    CHECK(open_descriptors() == before);
  }
  CHECK(std::filesystem::is_directory(folder / "taken"));
  CHECK(std::filesystem::file_size(folder / "file") == 10);
  CHECK(std::filesystem::is_empty(folder / "real"));
}

TEST_CASE("the folder of the Unix socket is made, and closed to others") {
  temp_dir folder;
  auto own = folder / "agent";
  for (auto there_before : {false, true}) {
    CAPTURE(there_before);
    fixture f{at_socket(own + "/agent.sock")};
    struct stat found {};
    REQUIRE(::stat(own.c_str(), &found) == 0);
    CHECK((found.st_mode & 07777) == 0700);
    CHECK(serves(f, true));
    ::chmod(own.c_str(), 0755); // for the second time
  }
}
