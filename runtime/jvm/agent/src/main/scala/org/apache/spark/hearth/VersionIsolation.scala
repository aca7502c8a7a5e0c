package org.apache.spark.hearth

import java.lang.reflect.{Field, Modifier}
import java.util.Properties

import org.apache.spark.{JobArtifactSet, JobArtifactState, SparkContext}
import org.apache.spark.scheduler.TaskSchedulerImpl

/**
 * Keeps versions of a binary apart in one Spark context. It lies under `org.apache.spark` because everything it takes
 * hold of is private to Spark.
 *
 * Spark ships jars, and gives executors a class loader, by *artifact state*; it takes the state from a thread-local of
 * `JobArtifactSet` when an action is submitted. That alone will not do: sessions of Spark 4 put a state of their own in
 * there for each query, and threads that a job starts have none, in which case Spark takes the jars of all states at once
 * and runs whichever version it finds first. So the thread-local is replaced by one that derives the state from a
 * local property, which Spark itself carries into its own threads and into those that a job starts.
 */
object VersionIsolation {

  /** Local property: the version that the actions of a thread belong to. */
  val Property = "hearth.version"

  /**
   * To be called once per process, before there is a Spark context.
   *
   * @throws java.lang.IllegalStateException when Spark or the JVM is not as this class knows them
   */
  def install(): Unit = {
    val field = JobArtifactSet.getClass.getDeclaredFields
      .find(_.getType == classOf[ThreadLocal[_]])
      .getOrElse(throw new IllegalStateException("JobArtifactSet of this Spark version holds no state"))
    // Scala 2.13 makes it a static final field, which reflection does not write. Unsafe does; by name, for a compiler
    // that is told which Java release to compile for does not see it.
    val unsafeClass = Class.forName("sun.misc.Unsafe")
    val unsafe = {
      val instance = unsafeClass.getDeclaredField("theUnsafe")
      instance.setAccessible(true)
      instance.get(null)
    }
    def ask(method: String) = unsafeClass.getMethod(method, classOf[Field]).invoke(unsafe, field)
    val (base, offset) =
      if (Modifier.isStatic(field.getModifiers)) (ask("staticFieldBase"), ask("staticFieldOffset"))
      else (JobArtifactSet, ask("objectFieldOffset"))
    unsafeClass
      .getMethod("putObjectVolatile", classOf[Object], classOf[Long], classOf[Object])
      .invoke(unsafe, base, offset, StateByProperty)
  }

  /** To be called once per Spark context, as soon as it is there. */
  def attach(sc: SparkContext, loaderOf: String => Option[ClassLoader]): Unit = {
    StateByProperty.context = sc
    ContextClassLoading.apply(sc.env)
    sc.taskScheduler match {
      case scheduler: TaskSchedulerImpl =>
        scheduler.taskResultGetter.stop()
        scheduler.taskResultGetter = new VersionedResultGetter(sc.env, scheduler, loaderOf)
      case _ =>
    }
  }

  /** Makes the jars known to Spark as those of the version. Spark takes no two jars of one file name. */
  def addJars(sc: SparkContext, version: String, jars: Seq[String]): Unit = {
    val before = sc.getLocalProperty(Property)
    sc.setLocalProperty(Property, version)
    try jars.foreach(sc.addJar)
    finally sc.setLocalProperty(Property, before)
  }

  /** Forgets the jars of a version that no job will use again. Executors forget theirs by themselves. */
  def removeJars(sc: SparkContext, version: String): Unit = sc.addedJars.remove(version)

  /** What a job set for its thread shall not be seen by the next job there. */
  def clearThread(sc: SparkContext): Unit = {
    sc.setLocalProperties(new Properties)
    StateByProperty.remove()
  }

  private object StateByProperty extends ThreadLocal[Option[JobArtifactState]] {
    @volatile var context: SparkContext = _

    override def initialValue(): Option[JobArtifactState] = None

    override def get(): Option[JobArtifactState] = {
      val sc = context
      val version = if (sc == null) null else sc.getLocalProperty(Property)
      if (version == null) super.get() else Some(new VersionState(version))
    }

    override def set(state: Option[JobArtifactState]): Unit = state match {
      // Spark puts back what it found; it is derived again when asked for and must not outlive its property.
      case Some(_: VersionState) => remove()
      case other => super.set(other)
    }
  }

  private final class VersionState(id: String) extends JobArtifactState(id, None)
}
