// The C boundary: the functions that job libraries call. None of them may
// throw.

#include <algorithm>
#include <array>

#include "runtime/native/agent/log.hpp"
#include "runtime/native/agent/run.hpp"
#include "runtime/native/agent/text.hpp"

namespace hearth::native {

namespace {

hearth_text text(std::string_view x) {
  return {x.data(), x.size()};
}

std::string_view view(hearth_text x) {
  return {x.data, x.size};
}

protocol::failure failure_of(const hearth_failure* x) {
  return {clean(view(x->message)), clean(view(x->error_class)),
          clean(view(x->stack))};
}

hearth_text job_id(hearth_run* run) {
  return text(run->job.job);
}

hearth_text context_name(hearth_run* run) {
  return text(run->around.start.context_name);
}

hearth_text config(hearth_run* run) {
  return text(run->config);
}

hearth_text setting(hearth_run* run, hearth_text path) {
  auto& settings = run->around.start.settings;
  auto i = settings.find(std::string{view(path)});
  return i == settings.end() ? hearth_text{nullptr, 0} : text(i->second.text);
}

void started(hearth_run* run) {
  run->started();
}

void refuse(hearth_run* run, const hearth_failure* why) {
  run->refused(protocol::refusal::validation_failed, failure_of(why));
}

void fail(hearth_run* run, const hearth_failure* why) {
  run->failed(failure_of(why));
}

char* reserve(hearth_run* run, std::size_t least, std::size_t* room) {
  return run->reserve(least, *room);
}

void commit(hearth_run* run, std::size_t size) {
  run->commit(size);
}

const std::uint32_t* stop_flag(hearth_run* run) {
  static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t)
                && std::atomic<std::uint32_t>::is_always_lock_free);
  return reinterpret_cast<const std::uint32_t*>(&run->stop_flag);
}

int wait_stop(hearth_run* run, std::int64_t ms) {
  return run->wait_stop(std::chrono::milliseconds{ms}) ? 1 : 0;
}

void progress(hearth_run* run, std::int64_t done, std::int64_t total,
              hearth_text what) {
  run->progress(done, total, clean(view(what)));
}

void log(hearth_run* run, int level, hearth_text what) {
  constexpr std::array names{"DEBUG", "INFO", "WARN", "ERROR"};
  log_line(names[static_cast<std::size_t>(std::clamp(level, 0, 3))],
           run->job.job, view(what));
}

std::uint32_t pool_size(hearth_run* run) {
  return run->around.pool.size();
}

void submit(hearth_run* run, void (*work)(void*), void* argument) {
  run->around.pool.submit(work, argument);
}

object_key key_of(hearth_run* run, hearth_text name, hearth_text type,
                  std::uint32_t flags) {
  auto common = (flags & HEARTH_OBJECT_OF_CONTEXT) != 0;
  return {std::string{view(name)}, std::string{view(type)},
          common ? std::string{} : run->scope};
}

int object_acquire(hearth_run* run, hearth_text name, hearth_text type,
                   std::uint32_t flags, std::int64_t timeout_ms,
                   hearth_object** object) {
  if (run->around.isolated)
    return HEARTH_OBJECT_ISOLATED;
  return run->around.objects.acquire(
    key_of(run, name, type, flags), (flags & HEARTH_OBJECT_ONLY_GET) != 0,
    std::chrono::milliseconds{timeout_ms},
    [run] { return run->stop_flag != 0; }, *object);
}

void object_publish(hearth_object* x, void* value, void (*destroy)(void*)) {
  x->table->publish(x, value, destroy);
}

void object_abandon(hearth_object* x) {
  x->table->abandon(x);
}

void* object_value(hearth_object* x) {
  return x->value;
}

void object_release(hearth_object* x) {
  x->table->release(x);
}

int object_forget(hearth_run* run, hearth_text name, hearth_text type,
                  std::uint32_t flags) {
  return run->around.objects.forget(key_of(run, name, type, flags)) ? 1 : 0;
}

} // namespace

const hearth_host host{HEARTH_ABI_MAJOR, HEARTH_ABI_MINOR, job_id,
                       context_name,     config,           setting,
                       started,          refuse,           fail,
                       reserve,          commit,           stop_flag,
                       wait_stop,        progress,         log,
                       pool_size,        submit,           object_acquire,
                       object_publish,   object_abandon,   object_value,
                       object_release,   object_forget};

} // namespace hearth::native
