package spark.jobserver

import scala.concurrent.duration.FiniteDuration

/** An object that the jobs of a context share under a name. */
trait NamedObject

/** Knows how to keep objects of one type in Spark, and how to free them. */
abstract class NamedObjectPersister[O <: NamedObject] {

  /** Called once, by the job that creates the object. */
  def persist(namedObj: O, name: String): Unit

  /** Called when a job finds the object that another one created. */
  def refresh(namedObject: O): O

  /** Called when a job destroys the object. */
  def unpersist(namedObject: O): Unit
}

/** The objects of one context. They outlive the job that creates them and end with the context. */
trait NamedObjects {

  /** How long a job waits for an object that another job is creating, if it does not say otherwise. */
  def defaultTimeout: FiniteDuration

  /**
   * The object of this name; `objGen` creates it if there is none. If several jobs ask at once, one of them creates it.
   * If that one fails, the next one creates it.
   *
   * @param timeout how long to wait for another job that is creating it
   * @throws java.util.concurrent.TimeoutException when it is not created by then
   */
  def getOrElseCreate[O <: NamedObject](name: String, objGen: => O)(implicit
      timeout: FiniteDuration = defaultTimeout,
      persister: NamedObjectPersister[O]
  ): O

  /**
   * The object of this name, if there is one or another job is creating one.
   *
   * @throws java.util.concurrent.TimeoutException when it is still being created after `timeout`
   */
  def get[O <: NamedObject](name: String)(implicit timeout: FiniteDuration = defaultTimeout): Option[O]

  /**
   * Creates an object and replaces the one of this name. Jobs that have the former object keep it; Spark frees its
   * memory once nothing refers to it.
   */
  def update[O <: NamedObject](name: String, objGen: => O)(implicit
      timeout: FiniteDuration = defaultTimeout,
      persister: NamedObjectPersister[O]
  ): O

  /** Forgets the name without touching the object. */
  def forget(name: String): Unit

  /** Forgets the name and unpersists the object. */
  def destroy[O <: NamedObject](objOfType: O, name: String)(implicit persister: NamedObjectPersister[O]): Unit

  /** The names of all objects, including those that are being created. */
  def getNames(): Iterable[String]
}
