/// Keeps the requests that are under way, and writes their answers.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <restinio/request_handler.hpp>

#include "http/core/admission.hpp"
#include "http/core/byte_budget.hpp"
#include "http/core/message.hpp"
#include "http/wire/connections.hpp"
#include "http/wire/streamed_body.hpp"

namespace hearth::http {

/// Owns the request handles of RESTinio. So only the io_context's thread uses
/// RESTinio's objects, and none of them outlives the server, however late an
/// actor answers.
class exchanges : public std::enable_shared_from_this<exchanges> {
public:
  /// @param load counts the requests under way
  /// @param connections the table of connections
  /// @param bodies counts the memory of bodies; all three are used on one
  /// thread
  /// @param answer_budget limit, in bytes, of all answers that are not read yet
  exchanges(asio::io_context& io, std::shared_ptr<admission> load,
            std::shared_ptr<connection_table> connections, byte_budget& bodies,
            std::size_t answer_budget);

  /// Marks the time during which RESTinio's handler runs.
  class in_handler {
  public:
    explicit in_handler(exchanges& among) : depth_(among.handlers_) {
      ++depth_;
      among.thread_ = std::this_thread::get_id();
    }
    ~in_handler() {
      --depth_;
    }
    in_handler(const in_handler&) = delete;
    in_handler& operator=(const in_handler&) = delete;

  private:
    int& depth_;
  };

  /// Takes a request. Its answer is never written inside RESTinio's handler,
  /// because RESTinio closes the connection if a burst is answered there.
  exchange_ptr admit(const restinio::request_handle_t& req);

  /// Call it when that connection is gone. Ends a body that is being streamed
  /// over it.
  void connection_closed(std::uint64_t connection);

  /// Call it when the client of that connection will send no more. The client
  /// still gets its answers, but an endless one is ended now.
  void half_closed(std::uint64_t connection);

  /// Runs a function on the io_context's thread, unless the server is gone. Any
  /// thread may call it.
  void post(std::function<void()> what);

  /// From now on every answer closes its connection. Calls `on_drained` once,
  /// when no request is under way and all answers are written.
  void drain(std::function<void()> on_drained);

  /// Answers all that is under way.
  void answer_all(const response& reply);

  /// Calls `on_drained` now, even if answers are not written yet.
  void give_up();

  /// Drops every request handle and forgets the io_context. The last call.
  void detach();

private:
  class open_exchange;
  class big_body;
  struct pending;
  struct stream_place;

  struct open_request {
    restinio::request_handle_t handle;
    admission::place place;
  };

  void post_answer(std::uint64_t id, response reply);
  void write(std::uint64_t id, response reply);
  void write_whole(const restinio::request_handle_t& req, response reply);
  void write_head(const restinio::request_handle_t& req, response reply,
                  const pending& count);
  void write_streamed(const restinio::request_handle_t& req, response reply);
  void post_to_stream(std::uint64_t id,
                      std::function<void(streamed_body&)> what);
  const std::string& date();
  template <class Builder>
  void add_headers(Builder& builder, response& reply);
  bool must_close(const restinio::http_request_header_t& header) const;
  std::shared_ptr<byte_budget::share> share_for_answer(std::uint64_t connection,
                                                       std::size_t bytes);
  void check_drained();

  std::mutex mutex_;     ///< guards io_, for answers from other threads
  asio::io_context* io_; ///< nullptr once detached

  std::shared_ptr<admission> load_;
  std::shared_ptr<connection_table> connections_;
  byte_budget& bodies_;
  byte_budget answers_;
  std::unordered_map<std::uint64_t, open_request> open_;
  std::unordered_map<std::uint64_t, std::shared_ptr<streamed_body>> streams_;
  std::uint64_t next_id_ = 0;
  std::size_t writing_ = 0;             ///< answers that are not written yet
  std::atomic<std::thread::id> thread_; ///< on which RESTinio calls its handler
  int handlers_ = 0; ///< calls of RESTinio's handler that are under way
  bool draining_ = false;
  std::function<void()> on_drained_;
  std::int64_t date_second_ = -1;
  std::string date_;
};

} // namespace hearth::http
