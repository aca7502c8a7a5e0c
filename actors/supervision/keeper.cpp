#include "actors/supervision/keeper.hpp"

#include <algorithm>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/supervision/death.hpp"

namespace hearth {

namespace {

/// A message to itself: the pause is over. It has a type of its own because
/// every other message is for the part.
struct pause_over {};

} // namespace

} // namespace hearth

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hearth::pause_over)

namespace hearth {

namespace {

using self_ptr = caf::stateful_actor<keeper_state>*;

void begin_life(self_ptr self);

void begin_later(self_ptr self, const std::string& why) {
  auto& st = self->state;
  auto pause = st.pause.after(restart_pause::clock::now() - st.begun);
  spdlog::error("the part {} has ended: {}; it starts again in {} ms",
                st.part_name, why, pause.count());
  self->delayed_send(self, pause, pause_over{});
}

void begin_life(self_ptr self) {
  auto& st = self->state;
  st.begun = restart_pause::clock::now();
  try {
    st.part = st.make(*self, st.part_name);
  } catch (const std::exception& e) {
    begin_later(self, e.what());
  }
}

void part_down(self_ptr self, const caf::down_msg& x) {
  auto& st = self->state;
  if (!st.part || x.source != st.part.address())
    return;
  st.part = nullptr;
  if (st.ending)
    self->quit(x.reason);
  else
    begin_later(self, death_text(x.reason));
}

void end(self_ptr self, const caf::exit_msg& x) {
  auto& st = self->state;
  st.ending = true;
  if (st.part)
    self->send_exit(st.part, x.reason);
  else
    self->quit(x.reason);
}

caf::result<caf::message> forward(self_ptr self, caf::message_view& x) {
  auto& st = self->state;
  auto* element = self->current_mailbox_element();
  if (st.part) {
    st.part->enqueue(element->sender, element->mid, x.move_content_to_message(),
                     self->context());
    element->mid.mark_as_answered();
    return caf::delegated<caf::message>{};
  }
  // An error for a message that is no request would end its sender.
  if (!element->mid.is_request())
    return caf::delegated<caf::message>{};
  return make_error(ec::overloaded,
                    "the part " + st.part_name
                      + " of the server has failed and is being started again");
}

} // namespace

std::chrono::milliseconds restart_pause::after(clock::duration life) noexcept {
  if (life >= good_life)
    next_ = first;
  auto result = next_;
  next_ = std::min(2 * next_, longest);
  return result;
}

caf::behavior keeper(caf::stateful_actor<keeper_state>* self, std::string name,
                     part_factory make) {
  self->state.part_name = std::move(name);
  self->state.make = std::move(make);
  self->set_down_handler([=](caf::down_msg& x) { part_down(self, x); });
  self->set_exit_handler([=](caf::exit_msg& x) { end(self, x); });
  self->set_default_handler([=](caf::scheduled_actor*, caf::message_view& x) {
    return forward(self, x);
  });
  begin_life(self);
  return {[=](pause_over) {
    if (!self->state.ending)
      begin_life(self);
  }};
}

} // namespace hearth
