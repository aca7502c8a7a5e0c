// A job's result comes in parts, against credit, while its agent redials, its
// client reads or leaves, it is killed, and the store is away: whatever the
// order, no credit is given twice, what is stored as finished is the whole
// result, the client reads nothing else, and nothing stays behind.
//
// The first character says whether the client waits (`!`); each one after it is
// an event.

#include <cstdlib>
#include <filesystem>
#include <unistd.h>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <spdlog/spdlog.h>

#include "actors/jobs/job.hpp"
#include "actors/services/results.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/http/fakes.hpp"

namespace hearth::fuzz {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t large = 200 * 1024;
constexpr std::uint64_t max_result = 3 * 1024 * 1024;

/// What the agent has to say; on each connection it begins anew.
const std::string& all_bytes() {
  static const auto result = [] {
    std::string x(2 * max_result, ' ');
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<char>('a' + (i / 7 + i / 65'521) % 26);
    return x;
  }();
  return result;
}

/// One connection to the agent, and what went over it.
class connection : public link::agent_link {
public:
  void accept(frame_handler, close_handler) override {
    // The target speaks for the agent.
  }
  void reject(std::string) override {
    // Nobody does.
  }
  void send(protocol::frame x) override {
    if (x.kind == protocol::kind::credit)
      credit += protocol::parse_credit(x).bytes;
  }
  void close() override {
    // Nothing comes of it here.
  }

  std::uint64_t credit = 0;
  std::size_t said = 0; ///< of `all_bytes`
};

/// What the store was told, and what the client was.
struct outcome {
  bool store_is_away = false;
  job_record stored;
  int ends = 0; ///< stored
  int answers = 0;
  bool streams = false; ///< the client reads the result as it comes
  bool reads = false;   ///< and has asked for what follows
  bool has_all = false;
  std::string read;
};

struct test_config : test::system_config {
  test_config() {
    set("scheduler.policy", caf::atom("testing"));
  }
};

caf::result<atom::ok> take_record(outcome& to, const job_record& x) {
  if (to.store_is_away)
    return make_error(ec::store_failed, "the store is away");
  to.stored = x;
  to.ends += is_final(x.state) ? 1 : 0;
  return atom::ok_v;
}

caf::behavior fake_store(outcome* to) {
  return {
    [=](atom::insert, const job_record& x, durability) {
      return take_record(*to, x);
    },
    [=](atom::update, const job_update& x, durability) {
      auto record = to->stored;
      record.state = x.state;
      record.reason = x.reason;
      record.result = x.result;
      record.result_size = x.result_size;
      return take_record(*to, record);
    },
    [](atom::put, const job_note&) {},
  };
}

/// All inputs share the actors that outlive jobs; none is ever destroyed.
struct world {
  test_config config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& sched
    = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  test::script todo;
  std::filesystem::path folder
    = "/dev/shm/hearth-fuzz-results-" + std::to_string(::getpid());
  outcome told;
  store_actor store = caf::actor_cast<store_actor>(system.spawn(
    [this](caf::event_based_actor*) { return fake_store(&told); }));
  context_actor context = caf::actor_cast<context_actor>(
    system.spawn([](caf::event_based_actor*) -> caf::behavior {
      // What it does not know would end the job that says it.
      return {
        [](atom::job_done, const std::string&, bool) {},
        [](atom::kill, const problem&) {},
      };
    }));
  binaries_actor binaries = system.spawn(test::fake_binaries, &todo);
  callbacks_actor callbacks = system.spawn(test::fake_callbacks);
  progress_actor progress = system.spawn(hearth::progress);
  results_actor results_handle;

  world() {
    spdlog::set_level(spdlog::level::off);
    std::filesystem::create_directories(folder);
    std::atexit([] { std::filesystem::remove_all(instance().folder); });
    results_handle = system.spawn(results, result_settings{folder.string(), 1});
    sched.run();
  }

  static world& instance() {
    static auto& result = *new world;
    return result;
  }
};

/// One job, its agent and its client.
class play {
public:
  explicit play(bool sync) {
    w_.told = {};
    auto spec = std::make_shared<job_spec>();
    spec->slot = std::make_shared<job_slot>(std::make_shared<slot_gauge>());
    spec->id = id_;
    spec->request.main_class = "a.B";
    spec->request.config = "{}";
    spec->request.sync = sync;
    spec->request.timeout_ms = 3'600'000;
    spec->max_result = max_result;
    spec->link = link_;
    spec->context = w_.context;
    auto parts = std::make_shared<services>();
    parts->binaries = w_.binaries;
    parts->store = w_.store;
    parts->results = w_.results_handle;
    parts->callbacks = w_.callbacks;
    parts->progress = w_.progress;
    spec->services = std::move(parts);
    job_ = w_.system.spawn(job, std::move(spec));
    ask();
    w_.sched.run();
  }

  void apply(char event) {
    using protocol::outcome;
    switch (event) {
      case 'b':
        started_ = true;
        return say(protocol::job_started_frame(id_));
      case 'p':
        return say(protocol::result_part_frame(id_, next(2)));
      case 'P':
        return say(protocol::result_part_frame(id_, next(large)));
      case 'f':
        return end(outcome::finished);
      case 'e':
        return end(outcome::error);
      case 'x':
        return end(outcome::killed);
      case 'r':
        over_ = over_ || !started_; // what runs cannot be refused
        return say(to_frame(protocol::job_refused{id_, {}, {"no", "", ""}}));
      case 'm':
        over_ = true;
        return say({protocol::kind::job_ended, "{", {}});
      case 'd':
        return redial();
      case 'k':
      case 'K':
        killed_ = killed_ || !over_;
        return ask(event == 'K');
      case 'a':
      case 'g':
        over_ = true;
        return caf::anon_send(job_, atom::abort_v,
                              problem{"its context stops", {}, {}, {}},
                              event == 'g');
      case 'R':
        return read();
      case 'l':
        return caf::anon_send(w_.results_handle, atom::left_v, id_);
      case 'w':
      case 'W':
        w_.told.store_is_away = event == 'w';
        return;
      case 't':
        w_.sched.advance_time(6s);
        return;
      default:
        return;
    }
  }

  void check() {
    const auto& told = w_.told;
    require(link_->credit <= link_->said, "credit is given once");
    require(told.ends <= 1, "an end is stored once");
    require(told.answers <= 1, "a client is answered once");
    auto news = std::string_view{told.read}.substr(compared_);
    require(std::string_view{all_bytes()}.substr(compared_).starts_with(news),
            "the client reads the result");
    compared_ = told.read.size();
    if (told.ends > std::exchange(ends_, told.ends))
      check_end(told.stored);
  }

  /// Its context's process ends, the store is back, and all time passes.
  void finish() {
    w_.told.store_is_away = false;
    apply('g');
    w_.sched.run();
    // More than its client waits. The clock goes on from input to input and
    // ends after 292 years.
    w_.sched.advance_time(2h);
    w_.sched.run();
    check();
    require(w_.told.ends == 1, "an end is stored");
    check_end(w_.told.stored);
    require(w_.told.answers == 1, "a client is answered");
    std::filesystem::remove(w_.folder / id_);
    require(std::filesystem::is_empty(w_.folder), "no file stays behind");
  }

private:
  void say(protocol::frame x) {
    caf::anon_send(job_, agent_frame{link_.get(), std::move(x)});
  }

  std::string next(std::size_t n) {
    auto result = all_bytes().substr(link_->said, n);
    link_->said += result.size();
    return result;
  }

  void end(protocol::outcome how) {
    auto last = next(1);
    if (!over_)
      expected_ = link_->said;
    over_ = true;
    say(to_frame(protocol::job_ended{id_, how, {"failed", "", ""}}, last));
  }

  void redial() {
    link_ = std::make_shared<connection>();
    redialled_ = true;
    caf::anon_send(job_, agent_hello{link_, {}});
  }

  /// The client wants it to run.
  void ask() {
    w_.system.spawn([this](caf::event_based_actor* self) {
      self->request(job_, caf::infinite, atom::run_v)
        .then(
          [this](const job_record& x) {
            ++w_.told.answers;
            w_.told.streams = x.result_size > 0 && !is_final(x.state);
          },
          [this](const caf::error&) { ++w_.told.answers; });
    });
  }

  /// Somebody wants it to end.
  void ask(bool force) {
    w_.system.spawn([this, force](caf::event_based_actor* self) {
      self->request(job_, caf::infinite, atom::kill_v, force)
        .then([](const job_record&) {}, [](const caf::error&) {});
    });
  }

  /// The client reads on.
  void read() {
    auto& told = w_.told;
    if (!told.streams || told.has_all || std::exchange(told.reads, true))
      return;
    w_.system.spawn([this, &told](caf::event_based_actor* self) {
      self
        ->request(w_.results_handle, caf::infinite, atom::get_v, id_,
                  std::uint64_t{told.read.size()})
        .then(
          [&told](const result_block& x) {
            told.read += x.bytes;
            told.has_all = x.last;
            told.reads = false;
          },
          [&told](const caf::error&) { told.streams = false; });
    });
  }

  void check_end(const job_record& x) const {
    if (x.state != job_state::finished) {
      require(x.result.empty() && x.result_size == 0,
              "a job without success has no result");
      return;
    }
    require(!killed_, "a job that was killed does not finish");
    auto bytes = x.result;
    if (x.result_size > 0) {
      std::uint64_t size = 0;
      bytes = read_result(w_.folder.string(), id_, 0,
                          static_cast<std::uint64_t>(x.result_size), size);
      require(size == static_cast<std::uint64_t>(x.result_size),
              "the size is that of the file");
    }
    require(bytes == std::string_view{all_bytes()}.substr(0, expected_),
            "the result is all that was said");
    require(!w_.told.has_all || redialled_ || w_.told.read == bytes,
            "the client has read all of it");
  }

  world& w_ = world::instance();
  std::string id_ = "j";
  std::shared_ptr<connection> link_ = std::make_shared<connection>();
  job_actor job_;
  std::size_t expected_ = 0; ///< how long its result is
  std::size_t compared_ = 0; ///< of what the client has read
  int ends_ = 0;             ///< that were looked at
  bool started_ = false;
  bool over_ = false;
  bool killed_ = false; ///< before it was over
  bool redialled_ = false;
};

} // namespace

void one(std::string_view input) {
  if (input.empty())
    return;
  play x{input.front() == '!'};
  // Each large part is copied some times.
  for (auto event : input.substr(1, 24)) {
    x.apply(event);
    world::instance().sched.run();
    x.check();
  }
  x.finish();
}

} // namespace hearth::fuzz
