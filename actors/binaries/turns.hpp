/// Lets changes of one name follow each other: each begins when the one before
/// has ended. Changes of different names do not wait for each other.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace hearth {

class turns {
public:
  using change = std::function<void()>;

  /// Begins the change at once, or when those of that name before it ended.
  void begin(const std::string& name, change x) {
    auto& waiting = by_name_[name];
    waiting.push_back(std::move(x));
    if (waiting.size() == 1)
      run_first(name);
  }

  /// The change of that name that was begun last has ended.
  void end(const std::string& name) {
    auto i = by_name_.find(name);
    i->second.pop_front();
    if (i->second.empty())
      by_name_.erase(i);
    else
      run_first(name);
  }

private:
  /// A change may end before it returns.
  void run_first(const std::string& name) {
    auto x = std::exchange(by_name_[name].front(), {});
    x();
  }

  std::map<std::string, std::deque<change>> by_name_;
};

} // namespace hearth
