package org.apache.spark.hearth

import java.util.Properties
import java.util.concurrent.ConcurrentHashMap

import org.apache.spark.SparkContext

/** A job that runs: its version, and what Spark is to call its work. */
final case class JobOwner(job: String, version: String, description: String)

/**
 * Spark's local properties, which say of a thread's work whose it is: its version, the job that it counts for, the job
 * group by which it is killed. Spark hands them down to threads that a thread makes. That is right for a thread that does
 * its maker's work, and wrong for one of a pool, which does anybody's.
 *
 * So there are two kinds of properties. What was *set* for a thread's work holds: by the agent for a job's own thread, by
 * [[Carry]] for Scala's pools, by Spark for its own. What a thread *inherited* is a guess. There the code that is running
 * decides: the version is that of the nearest class of a version on the stack, which takes some ten microseconds to find,
 * and the job is one of that version. Where it could be several jobs, a pool's work belongs to none, for a kill must
 * never end another job's work.
 */
final class JobThreads private[hearth] () extends InheritableThreadLocal[Properties] {
  import JobThreads._

  private val running = new ConcurrentHashMap[String, JobOwner]

  // Versions whose code was seen on a pool's thread that an ended job had made.
  private val withLastingPools = ConcurrentHashMap.newKeySet[String]

  override protected def initialValue(): Properties = new Inherited

  override def childValue(parent: Properties): Properties = {
    // The thread that makes the other one may be a pool's.
    attribute(parent)
    copy(parent, new Inherited)
  }

  override def get(): Properties = {
    val properties = super.get()
    attribute(properties)
    properties
  }

  /**
   * What the calling thread does from now on is the work that these properties are of: Spark calls this on threads of
   * its pools. They then find classes by name as that work does, and not as the job that made the pool.
   */
  override def set(properties: Properties): Unit = {
    val thread = Thread.currentThread
    properties match {
      case inherited: Inherited =>
        if (inherited.loader != null) thread.setContextClassLoader(inherited.loader)
        inherited.loader = null
      case _ =>
        namesOf(properties).foreach { loader =>
          super.get() match {
            case inherited: Inherited if inherited.loader == null => inherited.loader = thread.getContextClassLoader
            case _ =>
          }
          thread.setContextClassLoader(loader)
        }
    }
    super.set(properties)
  }

  /** The calling thread works for this job, which runs from now on. */
  def begin(owner: JobOwner): Unit = {
    running.put(owner.job, owner)
    val properties = new Properties
    properties.setProperty(Version, owner.version)
    assign(properties, Some(owner))
    set(properties)
  }

  /** The job has ended; what it set for the calling thread is not for the next one. */
  def end(job: String): Unit = {
    running.remove(job)
    remove()
    if (running.isEmpty) withLastingPools.clear()
  }

  /** Whether the calling thread's properties were set for the work that it does now. */
  private[hearth] def areSet: Boolean = !super.get().isInstanceOf[Inherited]

  /** Does work on the calling thread with these properties, and leaves none of them there. */
  private[hearth] def withProperties[T](properties: Properties)(work: => T): T = {
    val before = super.get()
    super.set(properties)
    try work
    finally
      // A thread that waits may help out with other work. Else what it had is its maker's.
      if (before.isInstanceOf[Inherited]) remove() else super.set(before)
  }

  /** Has an inherited guess say what the calling thread's code says. */
  private def attribute(properties: Properties): Unit =
    if (properties.isInstanceOf[Inherited] && !running.isEmpty) Stack.look().foreach(attribute(properties, _))

  private def attribute(properties: Properties, seen: Stack): Unit = {
    val version = seen.version.id
    val inherited = properties.getProperty(Job)
    val isMakers = !seen.isPool && inherited != null && properties.getProperty(Version) == version
    if (!isMakers) {
      val maker = if (inherited == null) None else Option(running.get(inherited))
      if (seen.isPool && inherited != null && maker.isEmpty) withLastingPools.add(version)
      val owner = of(version, maker.filter(_ => seen.isPool && !withLastingPools.contains(version)))
      properties.setProperty(Version, version)
      if (owner.map(_.job) != Option(inherited)) assign(properties, owner)
    }
    // What this thread's maker left there; a look-up by name would find that version's classes.
    UnionLoader.versionsOf(Thread.currentThread.getContextClassLoader) match {
      case (_, Some(other)) if other ne seen.version => Thread.currentThread.setContextClassLoader(seen.version)
      case _ =>
    }
  }

  /** The one job of that version, or the preferred one of several. */
  private def of(version: String, preferred: Option[JobOwner]): Option[JobOwner] =
    ofVersion(version) match {
      case Seq(one) => Some(one)
      case several => preferred.filter(several.contains)
    }

  private def ofVersion(version: String): Seq[JobOwner] = {
    val found = Vector.newBuilder[JobOwner]
    running.values.forEach(owner => if (owner.version == version) { found += owner; () })
    found.result()
  }

  private def assign(properties: Properties, owner: Option[JobOwner]): Unit = {
    def put(key: String, value: JobOwner => String): Unit = owner match {
      case Some(it) => properties.setProperty(key, value(it)); ()
      case None => properties.remove(key); ()
    }
    val before = properties.getProperty(Job)
    put(Job, _.job)
    // Jobs may set groups of their own.
    val group = properties.getProperty(SparkContext.SPARK_JOB_GROUP_ID)
    if (group == null || group == before) {
      put(SparkContext.SPARK_JOB_GROUP_ID, _.job)
      put(SparkContext.SPARK_JOB_DESCRIPTION, _.description)
      put(SparkContext.SPARK_JOB_INTERRUPT_ON_CANCEL, _ => "true")
    }
  }
}

object JobThreads {

  /** Properties that a thread has from the one that made it. */
  private final class Inherited extends Properties {

    /** The context class loader from before other properties were set for the thread's work; null if none were. */
    @transient var loader: ClassLoader = _
  }

  /** Local property: the version whose job submitted an action. Tasks look for names there that no stream told. */
  val Version = "hearth.version"

  /** Local property: the job of ours that an action belongs to. */
  val Job = "hearth.job"

  /** Local property: the number of the [[UnionLoader]] that the work's thread in the driver has, if it has one. */
  val Names = "hearth.names"

  /** What knows the classes that work with these properties looks up by name. */
  private def namesOf(properties: Properties): Option[ClassLoader] =
    Option(properties.getProperty(Names)).flatMap(UnionLoader.numbered).orElse {
      Option(properties.getProperty(Version)).flatMap(id => Option(VersionLoaders.ofProcess).flatMap(_.known(id)))
    }

  /** To be called once per Spark context, on the thread that makes it. */
  private[hearth] def install(sc: SparkContext): Unit = {
    val threads = new JobThreads
    threads.set(sc.localProperties.get)
    Fields.set(sc, "localProperties", threads)
  }

  /**
   * That of the context.
   *
   * @throws java.lang.IllegalStateException when the context was made without the plugin
   */
  def of(sc: SparkContext): JobThreads = sc.localProperties match {
    case threads: JobThreads => threads
    case _ =>
      throw new IllegalStateException(
        s"The context factory made a SparkContext without ${classOf[VersionPlugin].getName} in spark.plugins: it has to use " +
          "the SparkConf that it is given"
      )
  }

  private[hearth] def copy(from: Properties, to: Properties): Properties = {
    from.forEach((key, value) => { to.put(key, value); () })
    to
  }
}
