/// Queues that take from their users in turn, so that a user with many requests
/// does not delay one with few.
#pragma once

#include <cstddef>
#include <deque>
#include <iterator>
#include <list>
#include <map>
#include <string>
#include <utility>

namespace hearth {

/// First in, first out.
template <class T>
class fifo {
public:
  using value_type = T;

  void push(T item) {
    items_.push_back(std::move(item));
  }

  /// Removes the oldest item. There has to be one.
  T take() {
    auto result = std::move(items_.front());
    items_.pop_front();
    return result;
  }

  /// Removes the items for which `condition` is true.
  template <class Condition>
  void erase_if(Condition condition) {
    std::erase_if(items_, condition);
  }

  std::size_t size() const noexcept {
    return items_.size();
  }

private:
  std::deque<T> items_;
};

/// Has a lane for each key, and takes one item from each lane in turn. A lane
/// is a `fifo`, or another `fair_queue` where items of one key have to be fair
/// to each other, too.
///
/// Not thread-safe.
template <class Lane>
class fair_queue {
public:
  using value_type = typename Lane::value_type;

  /// Returns the lane of that key. The caller has to push an item into it
  /// before it calls any other function, since no lane may be empty.
  Lane& lane(const std::string& key) {
    auto i = by_key_.find(key);
    if (i == by_key_.end()) {
      lanes_.push_back({key, {}});
      i = by_key_.emplace(key, std::prev(lanes_.end())).first;
    }
    return i->second->items;
  }

  /// Removes and returns an item of the lane whose turn it is. The queue must
  /// not be empty.
  value_type take() {
    return take_from(lanes_.begin()).second;
  }

  /// Removes an item of the first lane in turn whose key satisfies `allowed`.
  /// @param item receives the key of the lane, and the item
  /// @returns false if there is no such lane
  template <class Allowed>
  bool take_if(Allowed allowed, std::pair<std::string, value_type>& item) {
    for (auto i = lanes_.begin(); i != lanes_.end(); ++i)
      if (allowed(i->key)) {
        item = take_from(i);
        return true;
      }
    return false;
  }

  template <class Condition>
  void erase_if(Condition condition) {
    for (auto i = lanes_.begin(); i != lanes_.end();) {
      auto lane = i++;
      lane->items.erase_if(condition);
      drop_if_empty(lane);
    }
  }

  std::size_t size() const noexcept {
    std::size_t result = 0;
    for (auto& lane : lanes_)
      result += lane.items.size();
    return result;
  }

  /// Returns how many items the lane of that key has.
  std::size_t size(const std::string& key) const {
    auto i = by_key_.find(key);
    return i == by_key_.end() ? 0 : i->second->items.size();
  }

private:
  struct entry {
    std::string key;
    Lane items;
  };

  using place = typename std::list<entry>::iterator;

  std::pair<std::string, value_type> take_from(place lane) {
    std::pair<std::string, value_type> result{lane->key, lane->items.take()};
    lanes_.splice(lanes_.end(), lanes_, lane);
    drop_if_empty(lane);
    return result;
  }

  void drop_if_empty(place lane) {
    if (lane->items.size() > 0)
      return;
    by_key_.erase(lane->key);
    lanes_.erase(lane);
  }

  std::list<entry> lanes_; ///< the next in turn is first; none is empty
  std::map<std::string, place> by_key_;
};

} // namespace hearth
