#include "actors/api/error.hpp"

#include <array>

#include <caf/all.hpp>

#include "actors/api/fwd.hpp"

namespace hearth {

namespace {

constexpr std::array names{"none",
                           "bad_request",
                           "config_unparsable",
                           "malformed_url",
                           "context_name_invalid",
                           "context_exists",
                           "context_not_found",
                           "context_unknown",
                           "context_init_failed",
                           "context_stopping",
                           "context_stop_pending",
                           "context_not_ready",
                           "context_terminated",
                           "binary_not_found",
                           "binary_unknown",
                           "binary_not_there",
                           "binary_in_use",
                           "binary_type_unsupported",
                           "binary_malformed",
                           "data_not_found",
                           "job_not_found",
                           "job_not_running",
                           "no_slots",
                           "class_not_found",
                           "wrong_context_kind",
                           "job_loading_failed",
                           "validation_failed",
                           "key_reused",
                           "job_timeout",
                           "deadline",
                           "overloaded",
                           "shutting_down",
                           "store_failed",
                           "storage_full",
                           "outcome_unknown",
                           "internal"};

static_assert(names.size() == static_cast<std::size_t>(ec::internal) + 1,
              "every ec needs a name");

} // namespace

const char* to_string(ec x) noexcept {
  auto i = static_cast<std::size_t>(x);
  return i < names.size() ? names[i] : "unknown";
}

caf::error make_error(ec code, problem why) {
  return {static_cast<std::uint8_t>(code), caf::atom("hearth"),
          caf::make_message(std::move(why))};
}

caf::error make_error(ec code, std::string message) {
  return make_error(code, problem{std::move(message), {}, {}, {}});
}

ec code_of(const caf::error& x) noexcept {
  if (x.category() == caf::atom("hearth"))
    return static_cast<ec>(x.code());
  if (x == caf::sec::request_timeout)
    return ec::deadline;
  return ec::internal;
}

bool is_receiver_down(const caf::error& x) noexcept {
  return x == caf::sec::request_receiver_down;
}

caf::error context_gone(const std::string& name) {
  return make_error(ec::context_not_found, "context " + name + " not found");
}

caf::error error_of_context(const caf::error& x, const std::string& name) {
  return is_receiver_down(x) ? context_gone(name) : x;
}

problem problem_of(const caf::error& x) {
  if (x.category() == caf::atom("hearth")
      && x.context().match_elements<problem>())
    return x.context().get_as<problem>(0);
  if (x == caf::sec::request_timeout)
    return {"a part of the server did not answer in time", {}, {}, {}};
  return {"internal error " + std::to_string(x.code()) + " of "
            + caf::to_string(x.category()) + caf::to_string(x.context()),
          {},
          {},
          {}};
}

std::string render(std::uint8_t code, caf::atom_value,
                   const caf::message& context) {
  std::string result = to_string(static_cast<ec>(code));
  if (context.match_elements<problem>())
    result += ": " + context.get_as<problem>(0).message;
  return result;
}

} // namespace hearth
