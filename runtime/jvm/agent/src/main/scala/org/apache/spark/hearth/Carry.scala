package org.apache.spark.hearth

import java.security.PrivilegedAction
import java.util.Properties

import scala.collection.parallel.ExecutionContextTaskSupport
import scala.concurrent.{ExecutionContext, ExecutionContextExecutor}

import org.apache.hadoop.security.UserGroupInformation
import org.apache.spark.SparkContext

/**
 * Work on Scala's global pool, and that of parallel collections, belongs to who handed it in: it has that thread's name,
 * class loader, user and local properties of Spark. The pool is the process's, and its threads were made by some other
 * job.
 */
private[hearth] object Carry {
  @volatile private var context: SparkContext = _
  private val loader = getClass.getClassLoader

  /** To be called once per Spark context; the last one counts. */
  def install(sc: SparkContext): Unit = synchronized {
    context = sc
    if (!ExecutionContext.global.isInstanceOf[Carrying]) {
      val carrying = new Carrying(ExecutionContext.global)
      // It is one of the two, by the version of Scala.
      try Fields.set(ExecutionContext, "global", carrying)
      catch { case _: NoSuchFieldException => Fields.set(ExecutionContext.Implicits, "global", carrying) }
      val parallel = Class.forName("scala.collection.parallel.package$").getField("MODULE$").get(null)
      Fields.set(parallel, "defaultTaskSupport", new ExecutionContextTaskSupport(carrying))
    }
  }

  private final class Carrying(pool: ExecutionContextExecutor) extends ExecutionContextExecutor {
    override def execute(work: Runnable): Unit = {
      val sc = context
      pool.execute(if (sc.isStopped) work else new Carried(sc, work))
    }
    override def reportFailure(error: Throwable): Unit = pool.reportFailure(error)
  }

  private final class Carried(sc: SparkContext, work: Runnable) extends Runnable {
    private val threads = JobThreads.of(sc)
    private val properties: Properties = JobThreads.copy(threads.get, new Properties)
    private val loader = Thread.currentThread.getContextClassLoader
    private val name = Thread.currentThread.getName
    private val user = UserGroupInformation.getCurrentUser

    override def run(): Unit = {
      val thread = Thread.currentThread
      val nameBefore = thread.getName
      // A thread that waits may help out with other work. Else what it has is its maker's, and would stay for long.
      val loaderBefore = if (threads.areSet) thread.getContextClassLoader else Carry.loader
      thread.setContextClassLoader(loader)
      thread.setName(name)
      try threads.withProperties(properties)(asUser())
      finally {
        thread.setContextClassLoader(loaderBefore)
        thread.setName(nameBefore)
      }
    }

    private def asUser(): Unit =
      if (user == UserGroupInformation.getCurrentUser) work.run()
      else user.doAs(new PrivilegedAction[Unit] { override def run(): Unit = work.run() })
  }
}
