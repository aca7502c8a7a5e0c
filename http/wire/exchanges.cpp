#include "http/wire/exchanges.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "base/loop_watch.hpp"
#include "http/core/reply.hpp"
#include "http/wire/translate.hpp"

namespace hearth::http {

namespace {

/// A longer body is written block by block, since RESTinio's time limit is
/// for a whole write, however far it got.
constexpr std::size_t block_size = 64 * 1024;

/// Smaller answers are not counted: two for each connection are bounded enough.
constexpr std::size_t small_answer = 4 * 1024;

} // namespace

class exchanges::open_exchange final : public exchange {
public:
  open_exchange(std::shared_ptr<exchanges> owner, std::uint64_t id,
                std::shared_ptr<const std::atomic<bool>> end, request what)
    : owner_(std::move(owner)), id_(id), end_(std::move(end)) {
    in = std::move(what);
  }

  ~open_exchange() override {
    if (!answered())
      answer(
        failure(ec::internal,
                {"a part of the server ended without an answer", {}, {}, {}}));
  }

  std::string client_address() const override {
    using request_type = const restinio::request_handle_t::element_type;
    auto req = std::static_pointer_cast<request_type>(in.owner);
    return req->remote_endpoint().address().to_string();
  }

  bool client_left() const noexcept override {
    return end_ && end_->load();
  }

private:
  void send(response reply) override {
    owner_->post_answer(id_, std::move(reply));
  }

  std::shared_ptr<exchanges> owner_;
  std::uint64_t id_;
  std::shared_ptr<const std::atomic<bool>> end_; ///< of its connection
};

/// Counts one answer until RESTinio has written it or given up: it lives in
/// the notificator, whose call RESTinio does not promise in every case.
struct exchanges::pending {
  pending(std::shared_ptr<exchanges> among, std::uint64_t connection)
    : owner(std::move(among)), connection(connection) {
    ++owner->writing_;
    owner->connections_->begin_work(connection);
  }
  pending(const pending& other) : pending(other.owner, other.connection) {
    memory = other.memory;
  }
  pending& operator=(const pending&) = delete;
  ~pending() {
    --owner->writing_;
    owner->connections_->end_work(connection, connection_table::clock::now());
    owner->check_drained();
  }
  std::shared_ptr<exchanges> owner;
  std::uint64_t connection;
  /// Of a body that is worth counting.
  std::shared_ptr<byte_budget::share> memory;
};

/// A streamed answer waits for its client for as long as it is written.
struct exchanges::stream_place {
  stream_place(std::shared_ptr<exchanges> among, std::uint64_t connection)
    : count(among, connection), load(among->load_),
      place(load->enter_waiting(admission::clock::now())) {}
  stream_place(const stream_place&) = delete;
  stream_place& operator=(const stream_place&) = delete;
  ~stream_place() {
    load->leave(place);
  }
  pending count;
  std::shared_ptr<admission> load;
  admission::place place;
};

/// A body on its way out; keeps itself alive through the notificators.
class exchanges::big_body : public std::enable_shared_from_this<big_body> {
public:
  using builder
    = restinio::response_builder_t<restinio::user_controlled_output_t>;

  big_body(builder out, std::string body, const pending& count)
    : out_(std::move(out)), body_(std::move(body)), count_(count) {}

  void next() {
    auto n = std::min(block_size, body_.size() - sent_);
    if (n == 0)
      return (void)out_.done([self = shared_from_this()](const auto&) {});
    out_.append_body(restinio::const_buffer(body_.data() + sent_, n));
    sent_ += n;
    out_.flush([self = shared_from_this()](const auto& error) {
      if (error)
        return;
      self->count_.memory->touch(byte_budget::clock::now());
      self->next();
    });
  }

private:
  builder out_;
  std::string body_;
  std::size_t sent_ = 0;
  pending count_;
};

exchanges::exchanges(asio::io_context& io, std::shared_ptr<admission> load,
                     std::shared_ptr<connection_table> connections,
                     byte_budget& bodies, std::size_t answer_budget)
  : io_(&io), load_(std::move(load)), connections_(std::move(connections)),
    bodies_(bodies), answers_({answer_budget}) {}

exchange_ptr exchanges::admit(const restinio::request_handle_t& req) {
  auto id = next_id_++;
  open_.emplace(id, open_request{req, load_->enter(admission::clock::now())});
  bodies_.hold(req->body().size());
  connections_->request_seen(req->connection_id());
  connections_->begin_work(req->connection_id());
  return std::make_shared<open_exchange>(
    shared_from_this(), id, connections_->end_of(req->connection_id()),
    read_request(req));
}

void exchanges::drain(std::function<void()> on_drained) {
  draining_ = true;
  // A body whose connection is about to close ends at once, and leaves the map.
  auto all = streams_;
  for (auto& [id, body] : all)
    body->stop_if_endless();
  all.clear();
  on_drained_ = std::move(on_drained);
  check_drained();
}

void exchanges::answer_all(const response& reply) {
  while (!open_.empty())
    write(open_.begin()->first, reply);
}

void exchanges::detach() {
  {
    std::lock_guard guard{mutex_};
    io_ = nullptr;
  }
  on_drained_ = nullptr;
  // An actor may hold the request for longer; its connection must go now.
  for (auto& [id, one] : open_) {
    bodies_.let_go(one.handle->body().size());
    one.handle->create_response();
    load_->leave(one.place);
  }
  open_.clear();
  for (auto& [id, body] : std::exchange(streams_, {}))
    body->abandon();
}

void exchanges::post_answer(std::uint64_t id, response reply) {
  std::unique_lock guard{mutex_};
  // Actors run between the handlers of the io_context, which does not know
  // its thread there.
  if (io_ && thread_ == std::this_thread::get_id() && handlers_ == 0) {
    guard.unlock();
    write(id, std::move(reply));
  } else if (io_)
    asio::post(*io_, [self = shared_from_this(), id,
                      reply = std::move(reply)]() mutable {
      name_work("writing an answer");
      self->write(id, std::move(reply));
    });
}

void exchanges::write(std::uint64_t id, response reply) {
  auto found = open_.find(id);
  if (found == open_.end())
    return;
  auto req = std::move(found->second.handle);
  load_->leave(found->second.place);
  open_.erase(found);
  bodies_.let_go(req->body().size());
  auto connection = req->connection_id();
  write_whole(req, std::move(reply));
  connections_->end_work(connection, connection_table::clock::now());
  check_drained();
}

template <class Builder>
void exchanges::add_headers(Builder& builder, response& reply) {
  using restinio::http_field;
  if (reply.close)
    builder.connection_close();
  builder.append_header(http_field::server, "Hearth/" HEARTH_VERSION);
  builder.append_header(http_field::date, date());
  if (!reply.body.empty() || reply.source)
    builder.append_header(http_field::content_type,
                          std::string{reply.content_type});
  for (auto& [name, value] : reply.headers)
    builder.append_header(std::move(name), std::move(value));
}

std::shared_ptr<byte_budget::share>
exchanges::share_for_answer(std::uint64_t connection, std::size_t bytes) {
  auto result = std::make_shared<byte_budget::share>(
    answers_, [this, connection] { connections_->cut(connection); });
  if (!result->add(bytes, byte_budget::clock::now()))
    result = nullptr;
  return result;
}

bool exchanges::must_close(
  const restinio::http_request_header_t& header) const {
  // After a request with `Upgrade` that was answered like any other, RESTinio
  // handles the bytes that follow on that connection twice, or not at all.
  return draining_
         || header.connection() == restinio::http_connection_header_t::upgrade;
}

void exchanges::write_whole(const restinio::request_handle_t& req,
                            response reply) {
  reply.close = reply.close || must_close(req->header());
  auto head = req->header().method() == restinio::http_method_head();
  if (reply.source && !head)
    return write_streamed(req, std::move(reply));
  pending count{shared_from_this(), req->connection_id()};
  if (!head && reply.body.size() > small_answer) {
    count.memory = share_for_answer(req->connection_id(), reply.body.size());
    if (!count.memory)
      return write_whole(
        req, failure(ec::overloaded,
                     {"too many answers wait to be read", {}, {}, {}}));
  }
  if (head && reply.source && reply.source_size == 0)
    return write_head(req, std::move(reply), count);
  if (!head && reply.body.size() <= block_size) {
    auto out = req->create_response(status_line(reply.status));
    add_headers(out, reply);
    out.set_body(std::move(reply.body));
    out.done([count](const auto&) {});
    return;
  }
  auto out = req->create_response<restinio::user_controlled_output_t>(
    status_line(reply.status));
  add_headers(out, reply);
  out.set_content_length(reply.body.size() + reply.source_size
                         + reply.tail.size());
  if (head)
    out.done([count](const auto&) {});
  else
    std::make_shared<big_body>(std::move(out), std::move(reply.body), count)
      ->next();
}

/// Answers HEAD for a body whose length is not known: without a length, as the
/// answer to GET.
void exchanges::write_head(const restinio::request_handle_t& req,
                           response reply, const pending& count) {
  reply.close = true;
  auto out = req->create_response<streamed_output>(status_line(reply.status));
  add_headers(out, reply);
  out.write({}, true, [count](const auto&) {});
}

void exchanges::write_streamed(const restinio::request_handle_t& req,
                               response reply) {
  auto id = next_id_++;
  reply.close = true;
  auto out = req->create_response<streamed_output>(status_line(reply.status));
  add_headers(out, reply);
  streamed_body::surroundings around;
  around.connection = req->connection_id();
  around.no_chunks = req->header().http_minor() == 0;
  around.count
    = std::make_shared<stream_place>(shared_from_this(), req->connection_id());
  around.post = [self = shared_from_this(), id](auto what) {
    self->post_to_stream(id, std::move(what));
  };
  around.reset = [self = shared_from_this(), c = req->connection_id()] {
    self->connections_->reset(c);
  };
  around.over = [self = shared_from_this(), id] { self->streams_.erase(id); };
  auto body = std::make_shared<streamed_body>(std::move(out), std::move(reply),
                                              std::move(around));
  streams_.emplace(id, body);
  body->start();
}

void exchanges::post_to_stream(std::uint64_t id,
                               std::function<void(streamed_body&)> what) {
  std::lock_guard guard{mutex_};
  if (io_)
    asio::post(*io_, [self = shared_from_this(), id, what = std::move(what)] {
      name_work("writing a streamed answer");
      // Kept: what happens to it may end it.
      if (auto found = self->streams_.find(id); found != self->streams_.end())
        what(*std::shared_ptr{found->second});
    });
}

void exchanges::half_closed(std::uint64_t connection) {
  std::erase_if(streams_, [=](const auto& entry) {
    return entry.second->connection() == connection
           && entry.second->is_endless();
  });
}

void exchanges::post(std::function<void()> what) {
  std::lock_guard guard{mutex_};
  if (io_)
    asio::post(*io_, [what = std::move(what)] {
      name_work("HTTP: work of another thread");
      what();
    });
}

void exchanges::connection_closed(std::uint64_t connection) {
  std::erase_if(streams_, [=](const auto& entry) {
    return entry.second->connection() == connection;
  });
}

const std::string& exchanges::date() {
  auto now = std::chrono::system_clock::now();
  auto second
    = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch())
        .count();
  if (second != date_second_) {
    date_second_ = second;
    date_ = restinio::make_date_field_value(now);
  }
  return date_;
}

void exchanges::give_up() {
  if (!on_drained_)
    return;
  auto call = std::move(on_drained_);
  on_drained_ = nullptr;
  call();
}

void exchanges::check_drained() {
  if (draining_ && open_.empty() && writing_ == 0)
    give_up();
}

} // namespace hearth::http
