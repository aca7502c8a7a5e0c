// The server with faults that a test asks for, see tests/e2e/support/faults.py.
//
//   HEARTH_FAULT_STEPS=FILE  writes the name of each step of start and stop
//   HEARTH_FAULT_THROW=STEP  that step of the start fails
//   HEARTH_FAULT_HANG=STEP   that step of the stop hangs
//   HEARTH_FAULT_ORDERS=FIFO lines such as "kill store" while it runs

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <unistd.h>

#include <caf/all.hpp>

#include "apps/serve.hpp"

namespace {

/// Makes a part fail while it handles it.
struct fault {
  std::string kind;
};

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fault)

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

[[noreturn]] void hang() {
  for (;;)
    ::pause();
}

void before_step(const char* step) {
  if (auto file = variable("HEARTH_FAULT_STEPS"); !file.empty())
    std::ofstream{file, std::ios::app} << step << '\n';
  if (step == variable("HEARTH_FAULT_THROW")) {
    std::cerr << "a test fails the step" << std::endl;
    throw std::runtime_error(std::string{"a test failed "} + step);
  }
  if (step == variable("HEARTH_FAULT_HANG"))
    hang();
}

caf::result<caf::message> suffer(caf::scheduled_actor* self,
                                 caf::message_view& x) {
  if (!x.content().match_elements<fault>())
    return caf::print_and_drop(self, x);
  auto kind = x.content().get_as<fault>(0).kind;
  if (kind == "throw")
    throw std::runtime_error("thrown by a test");
  std::cerr << "a test blocks a part" << std::endl;
  hang();
}

/// Knows the parts, and does to them what the test orders.
class tormentor {
public:
  void enter(const std::string& name, caf::scheduled_actor& self) {
    self.set_default_handler(suffer);
    std::lock_guard guard{mutex_};
    parts_[name] = self.ctrl();
    entered_.notify_all();
    if (broken_.count(name) > 0)
      throw std::runtime_error("broken by a test");
  }

  void obey(const std::string& line) {
    std::istringstream words{line};
    std::string kind;
    std::string name;
    words >> kind >> std::ws;
    std::getline(words, name);
    std::unique_lock guard{mutex_};
    if (kind == "mend") {
      broken_.erase(name);
      return;
    }
    if (kind == "break")
      broken_.insert(name);
    auto part = await(name, guard);
    if (!part)
      std::cerr << "a test torments " << name << ", which is not there\n";
    else if (kind == "kill" || kind == "break")
      caf::anon_send_exit(part, caf::exit_reason::kill);
    else if (kind == "throw" || kind == "block")
      caf::anon_send(part, fault{kind});
  }

private:
  /// The part of that name, which may not have begun yet when the server
  /// answers already: its keeper spawns it.
  /// @returns null if there was none for ten seconds
  caf::actor await(const std::string& name,
                   std::unique_lock<std::mutex>& guard) {
    caf::actor part;
    entered_.wait_for(guard, std::chrono::seconds{10}, [&] {
      part = caf::actor_cast<caf::actor>(parts_[name].lock());
      return static_cast<bool>(part);
    });
    return part;
  }

  std::mutex mutex_;
  std::condition_variable entered_;
  std::map<std::string, caf::weak_actor_ptr> parts_;
  std::set<std::string> broken_;
};

tormentor torment; // lives as long as the thread below

} // namespace

int main(int argc, char** argv) {
  if (auto fifo = variable("HEARTH_FAULT_ORDERS"); !fifo.empty())
    std::thread{[fifo] {
      std::fstream orders{fifo}; // for both, so that it never ends
      for (std::string line; std::getline(orders, line);)
        torment.obey(line);
    }}.detach();
  hearth::node_faults faults;
  faults.before_step = before_step;
  faults.on_part = [](const std::string& name, caf::scheduled_actor& self) {
    torment.enter(name, self);
  };
  return hearth::serve(argc, argv, std::move(faults));
}
