#include "tests/runtime/native/fake_server.hpp"

#include <array>
#include <cstdlib>
#include <fstream>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace hearth::test {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 20s;

} // namespace

fake_server::fake_server() {
  std::string name
    = (std::filesystem::temp_directory_path() / "native-XXXXXX").string();
  folder_ = ::mkdtemp(name.data());
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  ::listen(listener_, 1);
  socklen_t size = sizeof address;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  std::ofstream{folder_ + "/endpoint"}
    << "127.0.0.1:" << ntohs(address.sin_port) << '\n';
}

fake_server::~fake_server() {
  hang_up();
  ::close(listener_);
  std::filesystem::remove_all(folder_);
}

protocol::start_file fake_server::start_file() const {
  protocol::start_file result;
  result.context_id = "c1";
  result.context_name = "context";
  result.token = "secret";
  result.endpoint_file = folder_ + "/endpoint";
  result.settings = {{"num-cpu-cores", "2"}, {"colour", "blue"}};
  result.orphan_timeout_ms = 20'000;
  result.heartbeat_ms = 5'000;
  return result;
}

protocol::hello fake_server::welcome() {
  pollfd x{listener_, POLLIN, 0};
  if (::poll(&x, 1, 20'000) <= 0)
    throw std::runtime_error("no agent came");
  fd_ = ::accept(listener_, nullptr, nullptr);
  reader_ = {};
  auto hello = protocol::parse_hello(expect(protocol::kind::hello));
  send(protocol::welcome_frame(5'000));
  return hello;
}

void fake_server::hang_up() {
  if (fd_ >= 0)
    ::close(fd_);
  fd_ = -1;
}

void fake_server::send(const protocol::frame& x) {
  std::string bytes;
  protocol::encode(x, bytes);
  std::string_view rest = bytes;
  while (!rest.empty()) {
    auto n = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n <= 0)
      throw std::runtime_error("the agent is gone");
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
}

bool fake_server::wait(std::chrono::milliseconds time) {
  pollfd x{fd_, POLLIN, 0};
  return ::poll(&x, 1, static_cast<int>(time.count())) > 0;
}

protocol::frame fake_server::next() {
  auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    while (auto x = reader_.next())
      if (x->kind != protocol::kind::agent_ping)
        return std::move(*x);
    if (std::chrono::steady_clock::now() >= deadline || !wait(20s))
      throw std::runtime_error("the agent says nothing");
    std::array<char, 64 * 1024> bytes{};
    auto n = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (n <= 0)
      throw std::runtime_error("the agent hung up");
    reader_.feed({bytes.data(), static_cast<std::size_t>(n)});
  }
}

protocol::frame fake_server::expect(protocol::kind kind) {
  auto x = next();
  if (x.kind != kind)
    throw std::runtime_error(std::string{"expected "} + protocol::name_of(kind)
                             + ", came " + protocol::name_of(x.kind) + " "
                             + x.header);
  return x;
}

bool fake_server::silent_for(std::chrono::milliseconds time) {
  return !reader_.next() && !wait(time);
}

protocol::frame job(const std::string& id, const std::string& name,
                    const std::string& config, const std::string& library,
                    std::uint64_t max_result, std::uint64_t credit) {
  protocol::run_job x;
  x.job = id;
  x.main_class = name;
  auto path = std::string{LIBRARIES} + "/" + library + ".so";
  x.binaries = {{library, "Native", library, path}};
  x.max_result = max_result;
  x.credit = credit;
  return to_frame(x, config);
}

} // namespace hearth::test
