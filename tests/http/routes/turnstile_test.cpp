#include <stdexcept>
#include <vector>

#include <doctest/doctest.h>

#include "http/routes/turnstile.hpp"

using namespace hearth::http;
using namespace std::chrono_literals;

namespace {

class client final : public exchange {
public:
  explicit client(std::string from = {}) : from_(std::move(from)) {
    // nop
  }

  std::string client_address() const override {
    return from_;
  }

  bool client_left() const noexcept override {
    return left;
  }

  int status = 0;
  bool left = false;

private:
  void send(response x) override {
    status = x.status;
  }

  std::string from_;
};

/// Those that are inside, in the order in which they came.
struct visits {
  std::vector<std::pair<exchange_ptr, turnstile::pass>> inside;
  std::vector<exchange_ptr> seen;

  void enter(turnstile& to, const exchange_ptr& x) {
    to.enter(x, [this, x](turnstile::pass place) {
      inside.emplace_back(x, std::move(place));
      seen.push_back(x);
    });
  }

  /// The one that came first comes out.
  void leave() {
    auto first = std::move(inside.front());
    inside.erase(inside.begin());
  }
};

} // namespace

TEST_CASE("so many are inside, and the addresses take turns") {
  auto one = std::make_shared<turnstile>(turnstile::limits{1});
  visits all;
  auto a1 = std::make_shared<client>("a");
  auto a2 = std::make_shared<client>("a");
  auto a3 = std::make_shared<client>("a");
  auto b1 = std::make_shared<client>("b");
  for (const auto& x : {a1, a2, a3, b1})
    all.enter(*one, x);
  CHECK(all.seen == std::vector<exchange_ptr>{a1});
  for (int i = 0; i < 4; ++i)
    all.leave();
  CHECK(all.seen == std::vector<exchange_ptr>{a1, a2, b1, a3});
  all.enter(*one, a1);
  CHECK(all.inside.size() == 1);
  all.leave();
}

TEST_CASE("who left while waiting is passed over") {
  auto one = std::make_shared<turnstile>(turnstile::limits{1});
  visits all;
  auto first = std::make_shared<client>();
  auto second = std::make_shared<client>();
  auto third = std::make_shared<client>();
  for (const auto& x : {first, second, third})
    all.enter(*one, x);
  second->left = true;
  all.leave();
  CHECK(all.seen == std::vector<exchange_ptr>{first, third});
  all.leave();
}

TEST_CASE("too many that wait are refused, of one address or in all") {
  auto one = std::make_shared<turnstile>(turnstile::limits{1, 3, 2});
  visits all;
  std::vector<std::shared_ptr<client>> xs;
  for (const auto* from : {"a", "a", "a", "a", "b", "c"})
    all.enter(*one, xs.emplace_back(std::make_shared<client>(from)));
  std::vector<int> answers;
  for (const auto& x : xs)
    answers.push_back(x->status);
  CHECK(answers == std::vector{0, 0, 0, 503, 0, 503});
  one->close();
  all.leave();
  CHECK(all.seen.size() == 1);
}

TEST_CASE("who waited for too long hears so") {
  auto one = std::make_shared<turnstile>(turnstile::limits{1, 3, 2, 0ms});
  visits all;
  auto first = std::make_shared<client>();
  auto second = std::make_shared<client>();
  all.enter(*one, first);
  all.enter(*one, second);
  all.leave();
  CHECK(second->status == 504);
  all.enter(*one, first);
  CHECK(all.seen.size() == 2);
  all.leave();
}

TEST_CASE("what is thrown inside is the answer, and the place is free again") {
  auto one = std::make_shared<turnstile>(turnstile::limits{1});
  auto x = std::make_shared<client>();
  one->enter(x, [](const turnstile::pass&) { throw std::runtime_error{"no"}; });
  CHECK(x->status == 500);
  visits all;
  all.enter(*one, std::make_shared<client>());
  CHECK(all.seen.size() == 1);
  one->close();
  auto late = std::make_shared<client>();
  all.enter(*one, late);
  CHECK(late->status == 503);
}
