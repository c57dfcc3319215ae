import type { Command } from '../api/command.ts'
import { LIST_PARAMS, listed } from '../api/command.ts'
import type { Cloud } from '../cloud.ts'
import { findFor } from '../find.ts'
import type { Job } from '../state.ts'

export const jobCommands: Command[] = [
  {
    name: 'queryAsyncJobResult',
    description: 'Retrieves the current status of asynchronous job.',
    params: { jobid: 'uuid!' },
    run: (cloud, params) =>
      jobView(cloud, findFor(cloud.state.jobs, 'queryAsyncJobResult', 'jobid', params.must('jobid'))),
  },
  {
    name: 'listAsyncJobs',
    description: 'Lists all pending asynchronous jobs for the account.',
    params: { ...LIST_PARAMS, startdate: 'date' },
    run(cloud, params) {
      const jobs = cloud.state.jobs.filter(({ status }) => status === 0)
      return listed(
        'asyncjobs',
        jobs.map((job) => jobView(cloud, job)),
        params,
      )
    },
  },
]

function jobView({ state }: Cloud, job: Job): Record<string, unknown> {
  const command = `${job.command[0]?.toUpperCase()}${job.command.slice(1)}`
  return {
    accountid: state.account.id,
    userid: state.user.id,
    cmd: `org.apache.cloudstack.api.command.${command}Cmd`,
    jobstatus: job.status,
    jobprocstatus: 0,
    jobresultcode: job.resultCode,
    ...(job.status === 0 ? {} : { jobresulttype: 'object', jobresult: job.result }),
    ...(job.instanceType === null ? {} : { jobinstancetype: job.instanceType }),
    ...(job.instanceId === null ? {} : { jobinstanceid: job.instanceId }),
    created: job.created,
    ...(job.completed === null ? {} : { completed: job.completed }),
    jobid: job.id,
  }
}
