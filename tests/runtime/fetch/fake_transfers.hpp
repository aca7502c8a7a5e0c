/// Transfers that a test ends as it likes.
#pragma once

#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/fetch/transfers.hpp"
#include "tests/zips.hpp"

namespace hearth::test {

class fake_transfers final : public transfers {
public:
  void start(transfer_request request, receiver done) override {
    auto url = request.url;
    started.push_back(url);
    open_.emplace(url, std::pair{std::move(request), std::move(done)});
  }

  /// Ends the oldest transfer of that URL; a download leaves that file.
  void end(const std::string& url, transfer_outcome outcome = {},
           const std::string& content = jar_with("")) {
    auto node = open_.extract(open_.find(url));
    auto& [request, done] = node.mapped();
    if (!request.file.empty())
      std::ofstream{request.file, std::ios::binary} << content;
    done(std::move(outcome));
  }

  void fail(const std::string& url, const std::string& why) {
    transfer_outcome outcome;
    outcome.error = why;
    end(url, std::move(outcome));
  }

  const transfer_request& request(const std::string& url) const {
    return open_.find(url)->second.first;
  }

  std::vector<std::string> started; ///< URLs, in that order

private:
  std::multimap<std::string, std::pair<transfer_request, receiver>> open_;
};

} // namespace hearth::test
