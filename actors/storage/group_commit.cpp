#include "actors/storage/group_commit.hpp"

#include <algorithm>

namespace hearth {

namespace {

/// So many writes find that their device is full before the rest is given up:
/// small ones may still fit where a large one did not.
constexpr std::size_t most_full = 8;

using write_function = std::function<void(store& db, std::size_t i)>;

class group_commit {
public:
  group_commit(store& db, durability how, const write_function& write,
               commit_report& report)
    : db_(db), how_(how), write_(write), report_(report) {
    // nop
  }

  void commit(std::size_t first, std::size_t last) {
    auto failure = full_ < most_full ? try_commit(first, last) : last_full_;
    if (failure && (failure->lost() || failure->locked())) {
      report_.interruption = failure;
    } else if (!failure || last - first == 1 || full_ >= most_full) {
      report_.parts.push_back({last - first, failure});
    } else {
      auto middle = first + (last - first) / 2;
      commit(first, middle);
      if (!report_.interruption)
        commit(middle, last);
    }
  }

private:
  std::optional<store_error> try_commit(std::size_t first, std::size_t last) {
    try {
      db_.transaction(how_, [&] {
        for (auto i = first; i < last; ++i)
          write_(db_, i);
      });
      return std::nullopt;
    } catch (const store_error& e) {
      if (e.full() && last - first == 1) {
        ++full_;
        last_full_ = e;
      }
      return e;
    } catch (const std::exception& e) {
      return store_error{e.what()};
    }
  }

  store& db_;
  durability how_;
  const write_function& write_;
  commit_report& report_;
  std::size_t full_ = 0; ///< how many writes alone found no space
  std::optional<store_error> last_full_;
};

} // namespace

commit_report commit_together(store& db, durability how, std::size_t count,
                              const write_function& write) {
  commit_report result;
  if (count > 0)
    group_commit{db, how, write, result}.commit(0, count);
  return result;
}

} // namespace hearth
