#include "http/wire/connections.hpp"

#include <sys/socket.h>
#include <utility>

#include "http/wire/intake.hpp"
#include "http/wire/socket_info.hpp"

namespace hearth::http {

namespace {

std::size_t hash_of(const asio::ip::address& client) {
  return std::hash<asio::ip::address>{}(client);
}

} // namespace

bool arrival::is_late(clock::time_point now, std::uint64_t received,
                      const limits& most) {
  auto before = std::exchange(last_look_, now);
  if (!received_)
    received_ = received;
  if (received != *received_) {
    if (!begun_)
      begun_ = begin{before, *received_};
    received_ = received;
    quiet_since_ = now;
  }
  if (now - quiet_since_ >= most.idle)
    return true;
  if (!begun_ || now - begun_->time < most.idle)
    return false;
  std::chrono::duration<double> age = now - begun_->time;
  return static_cast<double>(received - begun_->received)
         < age.count() * static_cast<double>(most.min_rate);
}

bool connection_table::admits(const asio::ip::address& client) const {
  if (most_.per_client == 0)
    return true;
  auto found = of_client_.find(hash_of(client));
  return found == of_client_.end() || found->second < most_.per_client;
}

void connection_table::accepted(int fd, const asio::ip::tcp::endpoint& client,
                                std::shared_ptr<intake> input) {
  accepted_ = {fd, cookie_of(fd), client, std::move(input)};
}

void connection_table::opened(std::uint64_t id,
                              const asio::ip::tcp::endpoint& client,
                              clock::time_point now) {
  auto at = std::exchange(accepted_, std::nullopt);
  if (!at || at->client != client)
    return;
  if (at->input)
    at->input->opened(id);
  open_.insert_or_assign(id, entry{*at, arrival{now}});
  ++of_client_[hash_of(client.address())];
}

void connection_table::closed(std::uint64_t id) {
  if (auto place = open_.find(id); place != open_.end())
    drop(place);
}

std::shared_ptr<const std::atomic<bool>>
connection_table::end_of(std::uint64_t id) const {
  auto place = open_.find(id);
  return place == open_.end() ? nullptr : place->second.ended;
}

void connection_table::request_seen(std::uint64_t id) {
  if (auto place = open_.find(id);
      place != open_.end() && place->second.at.input)
    place->second.at.input->request_seen();
}

void connection_table::begin_work(std::uint64_t id) {
  auto place = open_.find(id);
  if (place != open_.end() && ++place->second.work == 1
      && place->second.at.input)
    place->second.at.input->busy();
}

void connection_table::end_work(std::uint64_t id, clock::time_point now) {
  auto place = open_.find(id);
  if (place == open_.end() || --place->second.work > 0)
    return;
  place->second.next = arrival{now};
  if (place->second.at.input)
    place->second.at.input->idle();
}

void connection_table::cut(std::uint64_t id) {
  auto place = open_.find(id);
  if (place != open_.end()
      && cookie_of(place->second.at.fd) == place->second.at.cookie)
    ::shutdown(place->second.at.fd, SHUT_RDWR);
}

void connection_table::reset(std::uint64_t id) {
  if (auto place = open_.find(id);
      place != open_.end() && place->second.at.input)
    place->second.at.input->reset_at_close();
}

void connection_table::abandon_all() {
  // Abandoning one connection may end others, which then are not in `open_` any
  // more.
  auto all = std::exchange(open_, {});
  of_client_.clear();
  for (auto& [id, place] : all)
    if (place.at.input)
      place.at.input->abandon();
}

void connection_table::sweep(clock::time_point now) {
  for (auto place = open_.begin(); place != open_.end();) {
    auto& at = place->second.at;
    if (cookie_of(at.fd) != at.cookie) {
      place = drop(place);
      continue;
    }
    if (place->second.work == 0
        && place->second.next.is_late(now, received_by(at.fd),
                                      most_.of_arrival))
      ::shutdown(at.fd, SHUT_RDWR);
    ++place;
  }
}

connection_table::entries::iterator
connection_table::drop(entries::iterator place) {
  auto count = of_client_.find(hash_of(place->second.at.client.address()));
  if (--count->second == 0)
    of_client_.erase(count);
  place->second.ended->store(true);
  return open_.erase(place);
}

} // namespace hearth::http
