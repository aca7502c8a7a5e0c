/// Runs the changes of one name one after the other, each when the one before
/// has ended. Changes of different names do not wait for each other. The actor
/// `binaries` uses it for uploads and deletions.
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

  /// Begins a change at once, or when all earlier changes of that name have
  /// ended.
  void begin(const std::string& name, change next) {
    auto& waiting = by_name_[name];
    waiting.push_back(std::move(next));
    if (waiting.size() == 1)
      run_first(name);
  }

  /// Call it when the change of that name that is under way has ended.
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
