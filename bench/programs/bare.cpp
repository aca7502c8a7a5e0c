// What HTTP itself costs: a RESTinio server with hearthd's settings whose
// handler answers at once with what hearthd says of an empty job.
//
//   bench_bare      prints its port

#include <chrono>
#include <iostream>

#include <restinio/http_server.hpp>

namespace {

struct handler {
  restinio::request_handling_status_t
  operator()(const restinio::request_handle_t& request) const {
    using restinio::http_field;
    auto answer = request->create_response(restinio::status_ok());
    answer.append_header(http_field::server, "bare");
    answer.append_header(http_field::date, "Thu, 01 Jan 1970 00:00:00 GMT");
    answer.append_header(http_field::content_type, "application/json");
    answer.set_body(
      R"({"jobId":"00000000-0000-0000-0000-000000000000","result":null})");
    return answer.done();
  }
};

using traits
  = restinio::single_thread_traits_t<restinio::asio_timer_manager_t,
                                     restinio::null_logger_t, handler>;

} // namespace

int main() {
  using namespace std::chrono_literals;
  asio::io_context io{1};
  restinio::http_server_t<traits> server{
    restinio::external_io_context(io), [](auto& to) {
      to.address("127.0.0.1")
        .port(0)
        .request_handler(handler{})
        .timer_manager(5s)
        .read_next_http_message_timelimit(60s)
        .handle_request_timeout(3600s)
        .write_http_response_timelimit(60s)
        .max_pipelined_requests(2)
        .buffer_size(16 * 1024)
        .socket_options_setter([](auto& options) {
          options.set_option(asio::ip::tcp::no_delay{true});
          options.set_option(asio::socket_base::keep_alive{true});
        })
        .acceptor_post_bind_hook([](auto& acceptor) {
          std::cout << acceptor.local_endpoint().port() << std::endl;
        });
    }};
  server.open_sync();
  io.run();
}
