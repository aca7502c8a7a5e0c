#include "conf/hocon_resolve.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "conf/hocon_order.hpp"

namespace hearth::conf {

namespace {

// How much each value, and each step of work, counts against the limit for the
// growth by substitutions.
constexpr std::size_t step = 16;

// How far `${a}` may lead to `${b}` to `${c}`... Each step takes about a
// kilobyte of the stack.
constexpr int max_chain = 1000;

bool is_prefix(const path& x, const path& of) {
  return x.size() <= of.size() && std::equal(x.begin(), x.end(), of.begin());
}

/// Thrown when a value is asked for while it is being made.
struct cycle {};

class resolver {
public:
  resolver(const document& doc, const text_limits& limits,
           const environment& env)
    : doc_(doc), order_(doc), limits_(limits), env_(env),
      budget_(limits.max_bytes), busy_(doc.statements.size()) {}

  /// Evaluates a whole text and calls `f` with the path and value of each
  /// statement, in order. Values that the next statement at the same path
  /// replaces are left out: of a list that is made with `+=`, `f` gets the
  /// whole one only.
  /// @param keep whether `f` also gets values that a later statement at a
  /// shorter path replaces
  template <class F>
  value fold(bool keep, F&& f) {
    value result;
    result.what = value::kind::object;
    std::vector<std::size_t> all;
    statement_order::levels above;
    order_.collect_below(0, no_limit, keep, above, all);
    std::sort(all.begin(), all.end());
    auto replaced = order_.find_replaced(all);
    for (std::size_t n = 0; n < all.size(); ++n) {
      auto& next = doc_.statements[all[n]];
      auto where_to = doc_.path_of(next.node);
      auto is_no_change = next.value.size() == 1
                          && next.value[0].what == part::kind::substitution
                          && next.value[0].target == where_to;
      auto x = evaluate(all[n], {&result, {}});
      auto is_shown = x && !is_no_change
                      && (!replaced[n] || x->what == value::kind::object);
      if (is_shown) {
        check_levels(where_to.size() + x->levels(), next.where);
        f(where_to, *x, next.where);
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
    value* so_far;
    path base;
  };

  using shared_value = std::shared_ptr<const value>;

  /// A value of its own, or one that is known and need not be copied.
  struct evaluated {
    std::optional<value> own;
    shared_value known;

    const value* get() const {
      return own ? &*own : known.get();
    }
  };

  /// The value at a path as the statements before `limit` make it; null if
  /// there is none.
  shared_value lookup(const path& target, std::size_t limit, position where) {
    if (limit == no_limit)
      if (auto i = known_.find(target); i != known_.end())
        return i->second;
    shared_value result;
    if (auto made = make(target, limit, where))
      result = std::make_shared<const value>(std::move(*made));
    if (limit == no_limit)
      known_.emplace(target, result);
    return result;
  }

  std::optional<value> make(const path& target, std::size_t limit,
                            position where) {
    if (++chain_ > max_chain)
      fail_at(where, "too many substitutions lead from one to the next");
    std::vector<std::size_t> related;
    std::size_t node = 0;
    std::size_t depth = 0;
    std::size_t looked_at = 0;
    statement_order::levels above;
    for (; depth < target.size(); ++depth) {
      looked_at += order_.collect(node, limit, above, related);
      auto i = doc_.nodes[node].children.find(target[depth]);
      if (i == doc_.nodes[node].children.end())
        break;
      node = i->second;
    }
    if (depth == target.size())
      looked_at += order_.collect_below(node, limit, false, above, related);
    charge(looked_at, where);
    charge(step * (1 + related.size()), where);
    std::sort(related.begin(), related.end());
    // Evaluates the statements at, above and below the target in their order.
    value result;
    auto found = false;
    for (auto i : related) {
      auto own = doc_.path_of(doc_.statements[i].node);
      auto evaluated = view(i, {found ? &result : nullptr, target});
      auto* x = evaluated.get();
      if (!x)
        continue;
      if (own.size() >= target.size()) {
        own.erase(own.begin(),
                  own.begin() + static_cast<std::ptrdiff_t>(target.size()));
        result.merge_at(own, evaluated.own ? std::move(*evaluated.own)
                                           : copy(*x, where));
        found = true;
      } else if (auto* inner = x->find(target, own.size())) {
        result.merge(copy(*inner, where));
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
    return own(view(index, back), doc_.statements[index].where);
  }

  std::optional<value> own(evaluated x, position where) {
    if (x.known)
      return copy(*x.known, where);
    return std::move(x.own);
  }

  evaluated view(std::size_t index, const look_back& back) {
    auto& x = doc_.statements[index];
    if (busy_[index])
      throw cycle{};
    busy_[index] = true;
    auto own_path = doc_.path_of(x.node);
    scope to{index, own_path, back, count_related(x.value, own_path) < 2};
    auto& first = x.value.front();
    evaluated result;
    if (x.value.size() == 1 && first.what == part::kind::substitution)
      result = substitute(first, to);
    else
      result.own = join(x.value, to);
    busy_[index] = false;
    if (auto* found = result.get();
        x.joins_object && found && found->what != value::kind::object)
      fail_at(first.where, "only an object can stand beside an object");
    return result;
  }

  /// The statement that is being evaluated.
  struct scope {
    std::size_t index;
    const path& own;
    const look_back& back;
    /// Whether the statement may take the earlier value at its path, because
    /// nothing else in it needs that.
    bool takes;
  };

  std::optional<value> join(const expression& parts, const scope& to) {
    if (parts.size() == 1)
      return evaluate(parts.front(), to);
    std::optional<value> result;
    std::string before; // white space before the first part that has a value
    for (auto& x : parts) {
      if (&x != &parts.front() && !x.space.empty())
        add_text(result, before, x.space);
      auto next = evaluate(x, to);
      if (!next)
        continue;
      auto is_scalar = next->what < value::kind::list;
      if (result
          && (is_scalar != (result->what < value::kind::list)
              || (!is_scalar && next->what != result->what)))
        fail_at(x.where, "lists, objects and texts cannot be joined with one "
                         "another");
      if (!result) {
        result = std::move(next);
        if (is_scalar && !before.empty()) {
          result->become_text();
          result->text.insert(0, before);
        }
      } else if (is_scalar) {
        next->become_text();
        add_text(result, before, next->text);
      } else if (next->what == value::kind::list) {
        std::move(next->items.begin(), next->items.end(),
                  std::back_inserter(result->items));
      } else {
        result->merge(std::move(*next));
      }
    }
    return result;
  }

  /// Beside nothing but undefined parts, a number stays one. White space beside
  /// lists and objects does not count.
  static void add_text(std::optional<value>& to, std::string& before,
                       const std::string& text) {
    if (!to) {
      before += text;
    } else if (to->what < value::kind::list) {
      to->become_text();
      to->text += text;
    }
  }

  std::optional<value> evaluate(const part& x, const scope& to) {
    value result;
    switch (x.what) {
      case part::kind::substitution:
        return own(substitute(x, to), x.where);
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
          if (auto y = join(item, to))
            result.items.push_back(std::move(*y));
        break;
      case part::kind::object:
        result.what = value::kind::object;
        for (auto& field : x.fields->statements)
          set(result, x.fields->path_of(field.node), join(field.value, to));
        break;
    }
    return result;
  }

  evaluated substitute(const part& x, const scope& to) {
    auto found = search(x, to);
    if (found.get())
      return found;
    if (env_) {
      std::string name;
      for (auto& piece : x.target)
        name += (name.empty() ? "" : ".") + piece;
      if (auto variable = env_(name))
        return {scalar(value::kind::text, *variable), nullptr};
    }
    if (!x.optional)
      fail_at(x.where, "Could not resolve substitution to a value: ${"
                         + to_string(x.target) + "}");
    return {};
  }

  evaluated search(const part& x, const scope& to) {
    auto to_itself = is_related(to.own, x.target);
    if (to_itself && is_prefix(to.back.base, x.target))
      return look_back_for(x, to);
    auto chain = chain_;
    try {
      return {std::nullopt,
              lookup(x.target, to_itself ? to.index : no_limit, x.where)};
    } catch (const cycle&) {
      chain_ = chain;
      if (!x.optional)
        fail_at(x.where, "${" + to_string(x.target)
                           + "} is part of a cycle of substitutions");
      return {};
    }
  }

  /// The value that a path had before the statement which refers to it.
  evaluated look_back_for(const part& x, const scope& to) {
    auto& [so_far, base] = to.back;
    auto* found = so_far ? so_far->find(x.target, base.size()) : nullptr;
    if (!found)
      return {};
    // The new value replaces it, so `a += b` does not copy the list each time.
    if (to.takes && x.target == to.own)
      return {std::move(*found), nullptr};
    return {copy(*found, x.where), nullptr};
  }

  /// Without a value, the objects on the way are there nonetheless.
  static void set(value& root, path where_to, std::optional<value> x) {
    if (!x) {
      where_to.pop_back();
      x.emplace().what = value::kind::object;
    }
    root.merge_at(where_to, std::move(*x));
  }

  value copy(const value& x, position where) {
    charge_copy(x, where, 0);
    return x;
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
  const statement_order order_;
  const text_limits& limits_;
  const environment& env_;
  std::size_t budget_;
  std::vector<bool> busy_;
  std::map<path, shared_value> known_;
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
