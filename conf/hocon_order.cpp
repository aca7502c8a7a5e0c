#include "conf/hocon_order.hpp"

#include <algorithm>
#include <iterator>

namespace hearth::conf {

namespace {

bool is_prefix(const path& x, const path& of) {
  return x.size() <= of.size() && std::equal(x.begin(), x.end(), of.begin());
}

bool belongs_to_no_object(const part& x) {
  return x.what != part::kind::substitution && x.what != part::kind::object;
}

/// Whether the value of a statement can be no object, whatever its
/// substitutions are.
bool is_no_object(const statement& x) {
  return std::any_of(x.value.begin(), x.value.end(), belongs_to_no_object);
}

/// Whether a value is known to be no object without resolving anything.
bool is_plain(const statement& x) {
  return std::all_of(x.value.begin(), x.value.end(), belongs_to_no_object);
}

/// Whether nothing in it has to be looked at closely: most statements.
bool is_scalar(const statement& x) {
  return std::all_of(x.value.begin(), x.value.end(),
                     [](const part& y) { return y.what < part::kind::list; });
}

/// Returns the first of the statements that comes after that one.
std::size_t next(const std::vector<std::size_t>& sorted, std::size_t after) {
  auto i = std::upper_bound(sorted.begin(), sorted.end(), after);
  return i == sorted.end() ? no_limit : *i;
}

} // namespace

bool is_related(const path& x, const path& y) {
  return is_prefix(x, y) || is_prefix(y, x);
}

int count_related(const expression& parts, const path& to) {
  auto result = 0;
  for (auto& x : parts) {
    if (x.what == part::kind::substitution && is_related(x.target, to))
      ++result;
    for (auto& item : x.items)
      result += count_related(item, to);
    if (x.fields)
      for (auto& field : x.fields->statements)
        result += count_related(field.value, to);
    if (result > 1)
      break;
  }
  return result;
}

statement_order::statement_order(const document& doc) : doc_(doc) {
  roles_.reserve(doc.statements.size());
  for (auto& x : doc.statements)
    roles_.push_back(role_of(x));
}

statement_order::role statement_order::role_of(const statement& x) const {
  if (is_scalar(x))
    return role::hider;
  if (count_related(x.value, doc_.path_of(x.node)) > 0)
    return role::seer;
  return is_plain(x) ? role::hider : role::none;
}

bool statement_order::is_hidden(std::size_t statement, const levels& above,
                                const level& own) const {
  auto hider = next(own.hiders, statement);
  auto seer = no_limit;
  for (auto& x : above) {
    hider = std::min(hider, next(x.hiders, statement));
    seer = std::min(seer, next(x.seers, statement));
  }
  return hider < seer;
}

std::size_t statement_order::collect(std::size_t node, std::size_t limit,
                                     levels& above,
                                     std::vector<std::size_t>& out) const {
  level own;
  auto& all = doc_.nodes[node].statements;
  auto end = std::lower_bound(all.begin(), all.end(), limit);
  std::copy_if(all.begin(), end, std::back_inserter(own.hiders),
               [&](auto i) { return roles_[i] == role::hider; });
  for (auto i = all.begin(); i != end; ++i) {
    if (is_hidden(*i, above, own))
      continue;
    out.push_back(*i);
    if (roles_[*i] == role::seer)
      own.seers.push_back(*i);
  }
  above.push_back(std::move(own));
  return static_cast<std::size_t>(end - all.begin());
}

std::size_t
statement_order::collect_below(std::size_t node, std::size_t limit, bool keep,
                               levels& above,
                               std::vector<std::size_t>& out) const {
  auto result = collect(node, limit, above, out);
  if (keep)
    above.back().hiders.clear();
  for (auto& [name, child] : doc_.nodes[node].children)
    result += collect_below(child, limit, keep, above, out);
  above.pop_back();
  return result;
}

std::vector<bool>
statement_order::find_replaced(const std::vector<std::size_t>& all) const {
  std::vector<bool> result(all.size());
  std::vector<bool> is_replaced(doc_.nodes.size());
  for (auto n = all.size(); n-- > 0;) {
    auto& x = doc_.statements[all[n]];
    result[n] = is_replaced[x.node];
    is_replaced[x.node] = is_replaced[x.node] || is_no_object(x);
  }
  return result;
}

} // namespace hearth::conf
