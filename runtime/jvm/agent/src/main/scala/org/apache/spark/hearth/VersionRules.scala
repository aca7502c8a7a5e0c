package org.apache.spark.hearth

import java.util.Properties

import scala.collection.mutable

import org.apache.spark.SparkContext
import org.apache.spark.sql.SparkSessionExtensions
import org.apache.spark.sql.catalyst.rules.Rule
import org.apache.spark.sql.catalyst.trees.TreeNode
import org.apache.spark.sql.execution.{ColumnarRule, SparkPlan}
import org.apache.spark.sql.execution.columnar.InMemoryRelation
import org.apache.spark.sql.types.ObjectType

/**
 * Lets the driver compile queries over what other versions share, as tasks do: it compiles each once, to see whether
 * that can be done. The thread of the job then knows the classes of all versions that the query's plan names, its own
 * first. Without it Spark would interpret the query, and log why. The agent sets it in `spark.sql.extensions`.
 */
class VersionRules extends (SparkSessionExtensions => Unit) {

  // Not to change a plan, but because this is called with each one that is about to be compiled.
  override def apply(extensions: SparkSessionExtensions): Unit = extensions.injectColumnar { _ =>
    new ColumnarRule {
      override def postColumnarTransitions: Rule[SparkPlan] = new Rule[SparkPlan] {
        override def apply(plan: SparkPlan): SparkPlan = {
          SparkContext.getActive.foreach(sc => VersionRules.widen(Thread.currentThread, sc.localProperties.get, plan))
          plan
        }
      }
    }
  }
}

private[hearth] object VersionRules {

  def widen(thread: Thread, properties: => Properties, plan: SparkPlan): Unit = {
    val loader = thread.getContextClassLoader
    UnionLoader.versionsOf(loader) match {
      case (before, Some(own)) =>
        val classes = classesIn(plan)
        val others = classes.iterator.map(_._1).filter(_ ne own).toSeq
        if (others.nonEmpty) {
          // Those of earlier plans too, for the job may run them again.
          val refused = UnionLoader.refusedBy(loader) ++
            classes.groupBy(_._2).collect { case (name, several) if several.size > 1 => name }
          UnionLoader.of((before ++ others).distinct, Some(own), ownFirst = true, refused) match {
            case wider: UnionLoader =>
              thread.setContextClassLoader(wider)
              // For threads of Spark's that execute parts of the plan.
              properties.setProperty(JobThreads.Names, wider.number)
            case _ =>
          }
        }
      // No job's thread: nobody would take the classes off it again.
      case _ =>
    }
  }

  /** The classes of versions, with their names, that the code for this plan may speak of. */
  private def classesIn(plan: SparkPlan): collection.Set[(VersionLoader, String)] = {
    val found = mutable.LinkedHashSet.empty[(VersionLoader, String)]

    def look(kind: Class[_]): Unit = kind.getClassLoader match {
      case version: VersionLoader => found += version -> kind.getName; ()
      case _ =>
    }

    def walk(part: Any): Unit = part match {
      // Its own plan is compiled when it is first read.
      case cached: InMemoryRelation => walk(cached.cachedPlan)
      case node: TreeNode[_] => node.productIterator.foreach(walk)
      case kind: Class[_] => look(kind)
      case ObjectType(kind) => look(kind)
      case Some(one) => walk(one)
      // Nodes have nodes in sequences, and data too, of which there may be much.
      case several: Iterable[_] if several.headOption.exists(isPart) => several.foreach(walk)
      case other: AnyRef if !other.isInstanceOf[Iterable[_]] => look(other.getClass)
      case _ =>
    }

    walk(plan)
    found
  }

  private def isPart(element: Any): Boolean = element match {
    case _: TreeNode[_] | _: Option[_] | _: Iterable[_] | _: Class[_] | _: Function1[_, _] => true
    case _ => false
  }
}
