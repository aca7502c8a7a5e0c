#include "conf/hocon_resolve.hpp"

#include <algorithm>

namespace hearth::conf {

namespace {

constexpr auto no_limit = static_cast<std::size_t>(-1);

// How much each value, and each step of work, counts against the limit for the
// growth by substitutions.
constexpr std::size_t step = 16;

// How far `${a}` may lead to `${b}` to `${c}`...
constexpr int max_chain = 50;

bool is_prefix(const path& x, const path& of) {
  return x.size() <= of.size() && std::equal(x.begin(), x.end(), of.begin());
}

/// Whether a value is known without resolving anything, and is not an object.
/// It then hides all earlier values at the same path.
bool is_plain(const statement& x) {
  return std::all_of(x.value.begin(), x.value.end(), [](const part& y) {
    return y.what != part::kind::substitution && y.what != part::kind::object;
  });
}

/// How many objects and lists are within one another; 0: a scalar.
std::size_t levels_of(const value& x) {
  if (x.what < value::kind::list)
    return 0;
  std::size_t below = 0;
  for (auto& item : x.items)
    below = std::max(below, levels_of(item));
  for (auto& [name, field] : x.fields)
    below = std::max(below, levels_of(field));
  return 1 + below;
}

/// Thrown when a value is asked for while it is being made.
struct cycle {};

class resolver {
public:
  resolver(const document& doc, const text_limits& limits,
           const environment& env)
    : doc_(doc), limits_(limits), env_(env), budget_(limits.max_bytes),
      busy_(doc.statements.size()) {}

  /// Evaluates a whole text and calls `f` with the path and value of each
  /// statement, in order.
  /// @param keep whether `f` also gets values that a later statement at a
  /// shorter path replaces
  template <class F>
  value fold(bool keep, F&& f) {
    value result;
    result.what = value::kind::object;
    std::vector<std::size_t> all;
    collect_below(0, 0, no_limit, keep, all);
    std::sort(all.begin(), all.end());
    for (auto i : all) {
      auto where_to = doc_.path_of(doc_.statements[i].node);
      auto x = evaluate(i, {&result, {}});
      if (x) {
        check_levels(where_to.size() + levels_of(*x), doc_.statements[i].where);
        f(where_to, *x, doc_.statements[i].where);
      }
      set(result, std::move(where_to), std::move(x));
    }
    return result;
  }

  void charge(std::size_t cost, position where) {
    if (cost > budget_)
      fail_at(where, "with its substitutions resolved the text is too large");
    budget_ -= cost;
  }

private:
  void check_levels(std::size_t levels, position where) const {
    if (levels > static_cast<std::size_t>(limits_.max_depth))
      fail_at(where, "with its substitutions resolved the text is nested "
                     "deeper than "
                       + std::to_string(limits_.max_depth) + " levels");
  }

  /// The result of the earlier statements, from the path `base` on. A path that
  /// refers to itself sees this result.
  struct look_back {
    const value* so_far;
    path base;
  };

  /// Adds the statements of a node from `begin` to `limit`, but those that a
  /// later one hides.
  /// @returns the first one that counts
  std::size_t collect(std::size_t node, std::size_t begin, std::size_t limit,
                      std::vector<std::size_t>& out) const {
    auto& own = doc_.nodes[node].statements;
    auto first = std::lower_bound(own.begin(), own.end(), begin);
    auto last = std::lower_bound(first, own.end(), limit);
    for (auto i = last; i != first;)
      if (is_plain(doc_.statements[*--i])) {
        first = i;
        begin = *i;
      }
    out.insert(out.end(), first, last);
    return begin;
  }

  /// Does the same as `collect` for the node and all nodes below it.
  /// @param keep whether values that were set below the node before its last
  /// value are kept
  void collect_below(std::size_t node, std::size_t begin, std::size_t limit,
                     bool keep, std::vector<std::size_t>& out) const {
    auto first = collect(node, begin, limit, out);
    for (auto& [name, child] : doc_.nodes[node].children)
      collect_below(child, keep ? begin : first, limit, keep, out);
  }

  /// The value at a path as the statements before `limit` make it.
  std::optional<value> lookup(const path& target, std::size_t limit,
                              position where) {
    if (limit != no_limit)
      return make(target, limit, where);
    auto i = known_.find(target);
    if (i == known_.end())
      i = known_.emplace(target, make(target, limit, where)).first;
    if (i->second)
      charge_copy(*i->second, where, 0);
    return i->second;
  }

  std::optional<value> make(const path& target, std::size_t limit,
                            position where) {
    if (++chain_ > max_chain)
      fail_at(where, "too many substitutions lead from one to the next");
    std::vector<std::size_t> related;
    std::size_t node = 0;
    std::size_t depth = 0;
    std::size_t begin = 0;
    for (; depth < target.size(); ++depth) {
      begin = collect(node, begin, limit, related);
      auto i = doc_.nodes[node].children.find(target[depth]);
      if (i == doc_.nodes[node].children.end())
        break;
      node = i->second;
    }
    if (depth == target.size())
      collect_below(node, begin, limit, false, related);
    charge(step * (1 + related.size()), where);
    std::sort(related.begin(), related.end());
    // Evaluates the statements at, above and below the target in their order.
    value result;
    auto found = false;
    for (auto i : related) {
      auto own = doc_.path_of(doc_.statements[i].node);
      auto x = evaluate(i, {found ? &result : nullptr, target});
      if (!x)
        continue;
      if (own.size() >= target.size()) {
        own.erase(own.begin(),
                  own.begin() + static_cast<std::ptrdiff_t>(target.size()));
        result.merge_at(own, std::move(*x));
        found = true;
      } else if (auto* inner = x->find(target, own.size())) {
        result.merge(*inner);
        found = true;
      } else if (x->what != value::kind::object) {
        result = value{};
        found = false;
      }
    }
    --chain_;
    if (!found)
      return std::nullopt;
    return result;
  }

  std::optional<value> evaluate(std::size_t index, const look_back& back) {
    auto& x = doc_.statements[index];
    if (busy_[index])
      throw cycle{};
    busy_[index] = true;
    auto result = join(x.value, index, back);
    busy_[index] = false;
    if (x.joins_object && result && result->what != value::kind::object)
      fail_at(x.value.front().where, "only an object can stand beside an "
                                     "object");
    return result;
  }

  std::optional<value> join(const expression& parts, std::size_t index,
                            const look_back& back) {
    if (parts.size() == 1)
      return evaluate(parts.front(), index, back);
    std::optional<value> result;
    std::string text;
    auto scalars = 0;
    for (auto& x : parts) {
      if (&x != &parts.front())
        text += x.space;
      auto next = evaluate(x, index, back);
      if (!next)
        continue;
      auto is_scalar = next->what < value::kind::list;
      if (result
          && (is_scalar != (result->what < value::kind::list)
              || (!is_scalar && next->what != result->what)))
        fail_at(x.where, "lists, objects and texts cannot be joined with one "
                         "another");
      if (is_scalar) {
        ++scalars;
        text += next->what == value::kind::null ? "null" : next->text;
      }
      if (!result)
        result = std::move(next);
      else if (next->what == value::kind::list)
        std::move(next->items.begin(), next->items.end(),
                  std::back_inserter(result->items));
      else if (next->what == value::kind::object)
        result->merge(std::move(*next));
    }
    // Beside nothing but undefined parts, a number stays one.
    auto alone = scalars == 1 && text == result->text;
    if (scalars > 0 && !alone) {
      result->what = value::kind::text;
      result->text = std::move(text);
    }
    return result;
  }

  std::optional<value> evaluate(const part& x, std::size_t index,
                                const look_back& back) {
    value result;
    switch (x.what) {
      case part::kind::substitution:
        return substitute(x, index, back);
      case part::kind::null:
        break;
      case part::kind::boolean:
        return scalar(value::kind::boolean, x.text);
      case part::kind::number:
        return scalar(value::kind::number, x.text);
      case part::kind::text:
        return scalar(value::kind::text, x.text);
      case part::kind::list:
        result.what = value::kind::list;
        for (auto& item : x.items)
          if (auto y = join(item, index, back))
            result.items.push_back(std::move(*y));
        break;
      case part::kind::object:
        result.what = value::kind::object;
        for (auto& field : x.fields->statements)
          set(result, x.fields->path_of(field.node),
              join(field.value, index, back));
        break;
    }
    return result;
  }

  std::optional<value> substitute(const part& x, std::size_t index,
                                  const look_back& back) {
    if (auto found = search(x, index, back))
      return found;
    if (env_) {
      std::string name;
      for (auto& piece : x.target)
        name += (name.empty() ? "" : ".") + piece;
      if (auto found = env_(name))
        return scalar(value::kind::text, *found);
    }
    if (!x.optional)
      fail_at(x.where, "Could not resolve substitution to a value: ${"
                         + to_string(x.target) + "}");
    return std::nullopt;
  }

  std::optional<value> search(const part& x, std::size_t index,
                              const look_back& back) {
    auto own = doc_.path_of(doc_.statements[index].node);
    auto to_itself = is_prefix(own, x.target) || is_prefix(x.target, own);
    if (to_itself && is_prefix(back.base, x.target)) {
      auto* found
        = back.so_far ? back.so_far->find(x.target, back.base.size()) : nullptr;
      if (!found)
        return std::nullopt;
      charge_copy(*found, x.where, 0);
      return *found;
    }
    auto chain = chain_;
    try {
      return lookup(x.target, to_itself ? index : no_limit, x.where);
    } catch (const cycle&) {
      chain_ = chain;
      if (!x.optional)
        fail_at(x.where, "${" + to_string(x.target)
                           + "} is part of a cycle of substitutions");
      return std::nullopt;
    }
  }

  /// Without a value, the objects on the way are there nonetheless.
  static void set(value& root, path where_to, std::optional<value> x) {
    if (!x) {
      where_to.pop_back();
      x.emplace().what = value::kind::object;
    }
    root.merge_at(where_to, std::move(*x));
  }

  void charge_copy(const value& x, position where, std::size_t depth) {
    check_levels(depth, where);
    charge(step + x.text.size(), where);
    for (auto& item : x.items)
      charge_copy(item, where, depth + 1);
    for (auto& [name, field] : x.fields) {
      charge(name.size(), where);
      charge_copy(field, where, depth + 1);
    }
  }

  const document& doc_;
  const text_limits& limits_;
  const environment& env_;
  std::size_t budget_;
  std::vector<bool> busy_;
  std::map<path, std::optional<value>> known_;
  int chain_ = 0;
};

} // namespace

value resolve(const document& doc, const text_limits& limits,
              const environment& env) {
  return resolver{doc, limits, env}.fold(false, [](auto&&...) {});
}

std::vector<assignment> flatten(const document& doc, const text_limits& limits,
                                const environment& env) {
  std::vector<assignment> result;
  resolver all{doc, limits, env};
  auto add
    = [&](auto& self, path& where_to, const value& x, position where) -> void {
    if (x.what != value::kind::object || x.fields.empty()) {
      for (auto& name : where_to)
        all.charge(name.size(), where);
      result.push_back({where_to, x, where});
      return;
    }
    for (auto& [name, field] : x.fields) {
      where_to.push_back(name);
      self(self, where_to, field, where);
      where_to.pop_back();
    }
  };
  all.fold(true, [&](path& where_to, const value& x, position where) {
    add(add, where_to, x, where);
  });
  return result;
}

} // namespace hearth::conf
