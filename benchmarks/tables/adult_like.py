"""Writes adult_like.csv: 12,000 made-up people with columns like those of the UCI census table (6 numbers, two of them with
heaps, 8 columns of levels, one with 41), whose law this script is. python adult_like.py, with numpy."""
import numpy as np, csv
r=np.random.default_rng(5)
n=12000
edu_l=['HS','Some','Bach','Mast','Doc','11th','9th','Assoc','Prof','Pre']
edu=r.choice(10,n,p=[.32,.22,.17,.06,.01,.05,.03,.09,.02,.03])
age=np.clip(17+r.gamma(2.5,9,n),17,90).astype(int)
sex=(r.random(n)<.67).astype(int)
score=np.array([0,.3,1,1.5,2.2,-.5,-.8,.4,2,-1])[edu]
marl=['Married','Never','Divorced','Widowed','Separated']
pm=np.stack([ (age-17)*.08, 2-(age-17)*.08, (age-30)*.03, (age-60)*.08, np.full(n,-1.)],1)+r.gumbel(size=(n,5))
mar=pm.argmax(1)
occl=['Prof','Craft','Exec','Adm','Sales','Serv','Mach','Trans','Clean','Farm','Tech','Prot','Priv','?']
W=r.normal(size=(14,3)); occ=(np.outer(score,W[:,0])*1.5+np.outer(sex-.5,W[:,1])*3+W[:,2]+r.gumbel(size=(n,14))).argmax(1)
relr=['Husband','Not','Own','Unm','Wife','Other']
rel=np.where(mar==0,np.where(sex==1,0,4),r.choice([1,2,3,5],n))
hours=np.where(r.random(n)<.47,40,np.clip(np.round(40+4*score+r.normal(0,12,n)),1,99)).astype(int)
gain=np.where(r.random(n)<.92-.05*score/2,0,np.round(np.exp(r.normal(8.3+.3*score,.9)))).astype(int)
loss=np.where(r.random(n)<.95,0,r.choice([1602,1740,1887,1902,1977,2051],n)).astype(int)
fn=np.round(np.exp(r.normal(12,.5,n))).astype(int)
racel=['W','B','A','I','O']; race=r.choice(5,n,p=[.85,.1,.03,.01,.01])
ctryl=['US']+['c%d'%i for i in range(40)]; ctry=np.where(r.random(n)<.9,0,1+(r.gamma(1,6,n).astype(int)%40))
wcl=['Private','Self','Gov','Fed','Inc','?']; wc=r.choice(6,n,p=[.7,.08,.08,.03,.05,.06])
logit=-4+.9*score+1.6*(mar==0)+.03*(hours-40)+.04*(age-38)-.0009*(age-45)**2+ (gain>5000)*3+ .3*W[occ,0]
inc=(r.random(n)<1/(1+np.exp(-logit)))
with open('adult_like.csv','w') as f:
    w=csv.writer(f); w.writerow('age,workclass,fnlwgt,education,marital,occupation,relationship,race,sex,gain,loss,hours,country,income'.split(','))
    for i in range(n): w.writerow([age[i],wcl[wc[i]],fn[i],edu_l[edu[i]],marl[mar[i]],occl[occ[i]],relr[rel[i]],racel[race[i]],['F','M'][sex[i]],gain[i],loss[i],hours[i],ctryl[ctry[i]],['<=50K','>50K'][int(inc[i])]])
