// What a program that uses gearmand does: a thread for each connection, which
// submits a job by libgearman and waits for its end, again and again.
//
//   bench_gearman_client PORT CONNECTIONS SECONDS FUNCTION

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <libgearman/gearman.h>
#include <memory>
#include <thread>
#include <vector>

#include "report.hpp"

namespace {

using steady_clock = std::chrono::steady_clock;

struct counted {
  std::vector<double> times; ///< microseconds
  std::size_t errors = 0;
};

void submit_and_wait(int port, const char* function,
                     steady_clock::time_point end, counted& result) {
  std::unique_ptr<gearman_client_st, decltype(&gearman_client_free)> client{
    gearman_client_create(nullptr), gearman_client_free};
  gearman_client_add_server(client.get(), "127.0.0.1",
                            static_cast<in_port_t>(port));
  for (auto now = steady_clock::now(); now < end;) {
    auto sent = now;
    std::size_t size = 0;
    gearman_return_t code = GEARMAN_SUCCESS;
    std::free(gearman_client_do(client.get(), function, nullptr, nullptr, 0,
                                &size, &code));
    now = steady_clock::now();
    if (gearman_failed(code)) {
      std::fprintf(stderr, "%s\n", gearman_client_error(client.get()));
      ++result.errors;
      return;
    }
    result.times.push_back(
      std::chrono::duration<double, std::micro>(now - sent).count());
  }
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: bench_gearman_client PORT CONNECTIONS SECONDS "
               "FUNCTION\n",
               stderr);
    return 2;
  }
  auto begun = steady_clock::now();
  auto end = begun
             + std::chrono::duration_cast<steady_clock::duration>(
               std::chrono::duration<double>{std::atof(argv[3])});
  std::vector<counted> found(static_cast<std::size_t>(std::atoi(argv[2])));
  std::vector<std::thread> threads;
  for (auto& x : found)
    threads.emplace_back(
      [&] { submit_and_wait(std::atoi(argv[1]), argv[4], end, x); });
  counted all;
  for (std::size_t i = 0; i < found.size(); ++i) {
    threads[i].join();
    all.times.insert(all.times.end(), found[i].times.begin(),
                     found[i].times.end());
    all.errors += found[i].errors;
  }
  print_report(std::move(all.times), steady_clock::now() - begun, all.errors);
}
