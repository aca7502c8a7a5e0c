#include "tests/http/fakes.hpp"

namespace hearth::test {

namespace {

std::string parse_json(std::string_view text) {
  if (text.find("throw") != std::string_view::npos)
    throw std::runtime_error("parser broke");
  if (!text.empty() && text.front() != '{')
    throw conf::parse_error("1:3: unexpected text", 1, 3);
  return text.empty() ? "{}" : std::string{text};
}

conf::settings_map parse_settings(std::string_view text) {
  parse_json(text);
  if (text.find("block") != std::string_view::npos)
    return {{"spark.context-settings.a", "body"},
            {"spark.context-settings.b.c", "body"}};
  return {{"a", "body"}};
}

template <class T>
struct owing_state {
  static inline const char* name = "owing";
  caf::typed_response_promise<T> promise;
};

template <class T>
typename owing_actor<T>::behavior_type
owing(typename owing_actor<T>::template stateful_pointer<owing_state<T>> self) {
  auto answer = [self](auto x) {
    self->state.promise.deliver(std::move(x));
    self->quit();
  };
  return {
    [self](atom::get) {
      self->state.promise = self->template make_response_promise<T>();
      return self->state.promise;
    },
    [answer](atom::put, T& x) { answer(std::move(x)); },
    [answer](atom::put, caf::error& x) { answer(std::move(x)); },
  };
}

/// Leaves the answer to what is being handled to the test.
/// @param hold takes the `held_answer`
template <class T, class Self, class Hold>
caf::result<T> hold_answer(Self* self, Hold hold) {
  owing_actor<T> child = self->spawn(owing<T>);
  auto result = self->delegate(child, atom::get_v);
  hold(held_answer<T>{std::move(child)});
  return result;
}

} // namespace

supervisor_actor::behavior_type fake_supervisor(supervisor_actor::pointer self,
                                                script* todo) {
  return {
    [=](atom::create, const context_request& x) -> caf::result<context_record> {
      if (todo->create)
        return todo->create(x);
      return context_record{};
    },
    [](atom::stop, const std::string& name,
       bool force) -> caf::result<context_record> {
      if (name == "slow")
        return make_error(ec::context_stop_pending,
                          problem{"Context stop in progress", {}, {}, name});
      if (name != "ctx" && !force)
        return make_error(ec::context_not_found,
                          "context " + name + " not found");
      return context_record{};
    },
    [](atom::get, const std::string& name) -> caf::result<context_record> {
      if (name != "ctx")
        return make_error(ec::context_unknown,
                          "can't find context with name " + name);
      context_record x;
      x.name = name;
      x.id = "c1";
      x.state = context_state::running;
      return x;
    },
    [](atom::list) { return std::vector<std::string>{"ctx"}; },
    [=](atom::run, const job_request& x) -> caf::result<job_record> {
      if (x.main_class == "held")
        return hold_answer<job_record>(
          self, [=](auto answer) { todo->hold(std::move(answer)); });
      if (todo->run)
        return todo->run(x);
      return finished_job("j1");
    },
    [](atom::restart, const std::string& name,
       bool hold) -> caf::result<context_record> {
      if (name != "ctx")
        return make_error(ec::context_not_found,
                          "context " + name + " not found");
      if (!hold)
        return make_error(ec::context_not_ready, "jobs are refused");
      return context_record{};
    },
    [](atom::kill, const std::string& id, bool) -> caf::result<job_record> {
      auto job = finished_job(id);
      job.state = job_state::killed;
      return job;
    },
    [](atom::await, const std::string& id, std::int64_t) {
      return finished_job(id);
    },
    [](atom::reset) { return atom::ok_v; },
    [](atom::start_all) {},
    [](atom::stop_all, bool) { return atom::ok_v; },
    [](atom::detach) { return atom::ok_v; },
    [](const agent_hello&) {},
    [](atom::retry_end, const std::string&) {},
    [](atom::status) { return one_status(1, "supervisor"); },
  };
}

binaries_actor::behavior_type fake_binaries(binaries_actor::pointer,
                                            script* todo) {
  return {
    [=](atom::put, const binary_upload& x) -> caf::result<binary_record> {
      if (todo->put)
        return todo->put(x);
      return binary_record{};
    },
    [=](atom::list) {
      auto one = std::make_shared<const binary_record>(
        binary_record{"a", binary_type::jar, {}, 0, 1});
      return listed_binaries{
        std::vector<std::shared_ptr<const binary_record>>(todo->binaries, one)};
    },
    [](atom::get, const std::string& name) -> caf::result<binary_record> {
      if (name != "a")
        return make_error(ec::binary_unknown,
                          "Can't find binary with name " + name);
      return binary_record{"a", binary_type::jar, "5e1f", 0, 1};
    },
    [](atom::erase, const std::string& name) -> caf::result<atom::ok> {
      if (name != "a")
        return make_error(ec::binary_not_there,
                          "can't find binary with name " + name);
      return atom::ok_v;
    },
    [](atom::resolve, const resolve_request&) { return resolved_binaries{}; },
    [](atom::release, const std::string&) {},
    [](atom::status) { return one_status(2, "binaries"); },
  };
}

callbacks_actor::behavior_type fake_callbacks(callbacks_actor::pointer) {
  return {
    [](atom::put, const std::string&, const std::string&) {
      return atom::ok_v;
    },
    [](atom::end_stored, const std::string&) {},
    [](atom::status) { return one_status(5, "callbacks"); },
  };
}

data_actor::behavior_type fake_data(data_actor::pointer) {
  return {
    [](atom::put, const data_upload& x) {
      return "/data/" + x.prefix + "-" + std::to_string(x.content->size())
             + ".dat";
    },
    [](atom::list) { return std::vector<std::string>{"/data/a.dat"}; },
    [](atom::erase, const std::string& path) -> caf::result<atom::ok> {
      if (path != "/data/a.dat")
        return make_error(ec::data_not_found, "Unknown file: " + path);
      return atom::ok_v;
    },
    [](atom::erase_all) { return atom::ok_v; },
    [](atom::get, const file_wanted&) { return file_part{}; },
    [](atom::status) { return one_status(4, "data"); },
  };
}

results_actor::behavior_type fake_results(results_actor::pointer self,
                                          script* todo) {
  return {
    [](atom::begin, const std::string&, bool) {},
    [](atom::put, const std::string&, const std::string&) {
      return atom::ok_v;
    },
    [](atom::begin_anew, const std::string&) {},
    [](atom::commit, const std::string&, durability) {
      return std::int64_t{0};
    },
    [](atom::end_stored, const std::string&) {},
    [](atom::erase, const std::string&) {},
    [=](atom::get, const std::string&,
        std::uint64_t offset) -> caf::result<result_block> {
      if (todo->hold_read)
        return hold_answer<result_block>(self, todo->hold_read);
      if (todo->read)
        return todo->read(offset);
      return result_block{"[1,2,3]", true};
    },
    [=](atom::left, const std::string& job) { todo->note_left(job); },
    [](atom::expire, const std::string&) {},
    [](atom::status) { return one_status(5, "results"); },
  };
}

store_actor::behavior_type fake_store(store_actor::pointer) {
  return {
    [](atom::put, const context_record&) { return atom::ok_v; },
    [](atom::insert, const job_record&, durability) { return atom::ok_v; },
    [](atom::insert, const job_record&, const queue_entry&) {
      return atom::ok_v;
    },
    [](atom::dequeue, const std::string&) {},
    [](atom::update, const job_update&, durability) { return atom::ok_v; },
    [](atom::put, const job_note&) {},
    [](atom::put, const context_note&) {},
    [](atom::put, const key_claim& x) { return x; },
    [](atom::forget_key, const std::string&) {},
    [](atom::history, atom::by_id, const std::string& id) {
      return state_history{
        id, "", 2, {{1000, "STARTED", ""}, {1500, "RUNNING", "a \"step\""}}};
    },
    [](atom::history, atom::by_name, const std::string& name) {
      return state_history{"c1", name, 1, {{1000, "STARTED", ""}}};
    },
    [](atom::put, const binary_record&) { return atom::ok_v; },
    [](atom::list) { return std::vector<binary_record>{}; },
    [](atom::erase, const std::string&) { return atom::ok_v; },
    [](atom::get, atom::by_name, const std::string&) {
      return context_record{};
    },
    [](atom::get, atom::by_id,
       const std::string& id) -> caf::result<job_record> {
      if (id == "throw")
        throw std::runtime_error("store broke");
      if (id == "big") {
        auto job = finished_job(id);
        job.result = "\"" + std::string(5 << 20, 'x') + "\"";
        return job;
      }
      if (id != "j1")
        return make_error(ec::job_not_found, "No such job ID " + id);
      return finished_job(id);
    },
    [](atom::config, const std::string&) { return std::string{"{\"a\":1}"}; },
    [](atom::list, const job_filter& x) {
      return std::vector<job_record>(x.limit, finished_job("j1"));
    },
    [](atom::commit) {},
    [](atom::reconnect) {},
    [](atom::forget) {},
    [](atom::expire, atom::forget) {},
    [](atom::status) { return one_status(3, "store"); },
  };
}

http::body_parsers fake_parsers() {
  return {parse_json, parse_settings};
}

} // namespace hearth::test
